import { upperCamel, type ConditionUpdate } from '../../shared/api/condition.ts';
import type { ExecutionFailure, ExecutionResults, KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { boundedText } from '../../shared/api/text.ts';
import { formatDuration, secondsBetween, type Instant } from '../../shared/api/time.ts';
import type { Effect, StatusPatch } from '../../shared/reconciler/effect.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import type { JudgedCondition } from './conditions.ts';

/** What a verdict may say besides, whichever way it goes. */
interface Told {
  readonly message: string;
  readonly results?: Pick<ExecutionResults, 'validationResult' | 'jobOutput' | 'exitCode'>;
  readonly status?: StatusPatch;
  /** What is known besides the condition that the verdict itself settles. */
  readonly conditions?: readonly ConditionUpdate[];
}

export interface Failure extends Told {
  readonly reason: ExecutionFailure;
}

export interface Success extends Told {
  /** Where nothing was to be done. */
  readonly succeededReason?: 'NoActionNeeded';
}

/** Phase failed: audit row, status, Warning Event. */
export function fail(execution: KubernetesExecution, failure: Failure, now: Instant): readonly Effect[] {
  const { reason } = failure;
  const message = boundedText(failure.message);
  const judged = judgedBy[reason];
  const settled: readonly ConditionUpdate[] = judged === null ? [] : [{ type: judged, status: 'False', reason: upperCamel(reason), message }];
  return transition(
    execution,
    {
      to: 'failed',
      reason,
      message,
      status: { ...failure.status, executionResults: { success: false, errorMessage: message, ...failure.results, ...durationOf(execution, now) } },
      conditions: [...(failure.conditions ?? []), ...settled],
      audit: { type: 'execution.failed', payload: payloadOf(execution, failure) },
      event: { type: 'Warning', reason: 'ExecutionFailed', message: boundedText(`Action ${execution.spec.actionType} failed: ${message}`) },
    },
    now,
  );
}

/** Phase completed: audit row, status, Normal Event. */
export function complete(execution: KubernetesExecution, success: Success, now: Instant): readonly Effect[] {
  const message = boundedText(success.message);
  const seen = success.results?.validationResult ?? message;
  return transition(
    execution,
    {
      to: 'completed',
      message,
      ...(success.succeededReason !== undefined && { succeededReason: success.succeededReason }),
      status: { ...success.status, executionResults: { success: true, message, ...success.results, ...durationOf(execution, now) } },
      conditions: [...(success.conditions ?? []), { type: 'OutcomeVerified', status: 'True', reason: 'Completed', message: seen }],
      audit: { type: 'execution.completed', payload: payloadOf(execution, success) },
      event: { type: 'Normal', reason: 'ExecutionCompleted', message: boundedText(`Action ${execution.spec.actionType} completed successfully: ${seen}`) },
    },
    now,
  );
}

/** The condition that a failure settles. None for what ends an execution from outside. */
const judgedBy: Readonly<Record<ExecutionFailure, JudgedCondition | null>> = {
  unknown_action: 'Validated',
  action_not_enabled: 'Validated',
  invalid_parameters: 'Validated',
  protected_namespace: 'Validated',
  unknown_cluster: 'Validated',
  rbac_validation_failed: 'Validated',
  resource_not_found: 'Validated',
  target_changed: 'Validated',
  precondition_failed: 'Validated',
  dry_run_failed: 'Validated',
  job_creation_failed: 'JobFinished',
  execution_timeout: 'JobFinished',
  execution_job_failed: 'JobFinished',
  job_missing: 'JobFinished',
  outcome_validation_failed: 'OutcomeVerified',
  health_check_failed: 'OutcomeVerified',
  orphaned: null,
  cancelled: null,
  deadline_exceeded: null,
  status_refused: null,
};

/** completionTime − startTime, as the specification's figures have it. */
function durationOf({ status }: KubernetesExecution, now: Instant): Pick<ExecutionResults, 'executionDuration'> {
  return { executionDuration: formatDuration(secondsBetween(status?.startTime ?? now, now)) };
}

function payloadOf({ spec, status }: KubernetesExecution, { results }: Told) {
  return {
    action: spec.actionType,
    ...(status?.jobRef !== undefined && { job: status.jobRef.name }),
    ...(results?.validationResult !== undefined && { validationResult: results.validationResult }),
    ...(results?.exitCode !== undefined && { exitCode: results.exitCode }),
  };
}
