import { parseAction } from '../../shared/actions/index.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { secondsBetween } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import type { EmitEvent, RecordAudit } from '../../shared/reconciler/effect.ts';
import { audit } from '../../shared/reconciler/transition.ts';
import type { Executions } from './executions.ts';

/** Rows and Events of the steps whose state this pass changes. */
export interface StepsTold {
  readonly audits: readonly RecordAudit[];
  readonly events: readonly EmitEvent[];
}

export function tellSteps(workflow: WorkflowExecution, statuses: readonly StepStatus[], executions: Executions): StepsTold {
  const before = new Map((workflow.status?.stepStatuses ?? []).map(({ stepName, phase }) => [stepName, phase]));
  const changed = statuses.filter(({ stepName, phase }) => phase !== before.get(stepName));
  const finished = changed.filter(({ phase }) => phase === 'completed' || phase === 'failed');
  return {
    audits: finished.map((status) => finishedRow(workflow, status, executions.get(status.stepName) ?? null)),
    events: [...changed.filter(({ phase }) => phase === 'failed').map(failedEvent), ...skippedEvent(changed.filter(({ phase }) => phase === 'skipped'))],
  };
}

function failedEvent({ stepName, executionResults }: StepStatus): EmitEvent {
  const message = `Step ${stepName} failed: ${executionResults?.errorMessage ?? ''}`;
  return { kind: 'EmitEvent', type: 'Warning', reason: 'StepFailed', message, discriminator: stepName };
}

/** One Event for all that are skipped at once: an operator reads what was left out, not a hundred lines. */
function skippedEvent(skipped: readonly StepStatus[]): readonly EmitEvent[] {
  const [first] = skipped;
  if (first === undefined) return [];
  const names = skipped.map(({ stepName }) => stepName).join(', ');
  const message = `Skipped ${names}: ${first.executionResults?.message ?? ''}`;
  return [{ kind: 'EmitEvent', type: 'Warning', reason: 'StepSkipped', message, discriminator: first.stepName }];
}

function finishedRow({ status }: WorkflowExecution, { stepName, phase, executionResults }: StepStatus, execution: KubernetesExecution | null): RecordAudit {
  const success = phase === 'completed';
  const said = success ? executionResults?.message : executionResults?.errorMessage;
  const current = status?.phase ?? '';
  return audit(
    {
      type: 'workflow.step_finished',
      discriminator: stepName,
      reason: success ? '' : (execution?.status?.reason ?? 'execution_missing'),
      message: said ?? '',
      payload: { stepName, success, ...(execution !== null && outcomeOf(execution)) },
    },
    current,
    current,
  );
}

/** What the success rates are computed from (api.md §11). A failure before the Job says nothing about the action: `jobRan` tells. */
function outcomeOf({ metadata, spec, status }: KubernetesExecution): JsonObject {
  const parsed = parseAction(spec.actionType, spec.actionParams);
  const { startTime, completionTime } = status ?? {};
  return {
    executionUid: metadata.uid,
    action: spec.actionType,
    category: parsed.kind === 'known' ? parsed.action.category : '',
    namespace: spec.targetCluster.namespace,
    targetKind: spec.target?.kind ?? '',
    targetName: spec.target?.name ?? '',
    environment: spec.environment ?? 'unknown',
    jobRan: status?.jobRef !== undefined,
    ...(startTime !== undefined && completionTime !== undefined && { durationMilliseconds: secondsBetween(startTime, completionTime) * 1000 }),
    ...(completionTime !== undefined && { finishedAt: completionTime }),
  };
}
