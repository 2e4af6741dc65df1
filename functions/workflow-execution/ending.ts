import type { ConditionUpdate } from '../../shared/api/condition.ts';
import { formatDuration, millisecondsOf, secondsBetween, type Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import type { EmitEvent, RecordAudit, StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import type { Executions } from './executions.ts';
import { changesToUndo, notUndone, type Change } from './rollback.ts';
import type { Failure } from './steps.ts';

/** What a decision says beside its transition. */
export interface Telling {
  readonly status?: StatusPatch;
  readonly conditions?: readonly ConditionUpdate[];
  readonly audits?: readonly RecordAudit[];
  readonly events?: readonly EmitEvent[];
}

/** Phase failed: the verdict, and nothing is undone. */
export function fail(workflow: WorkflowExecution, { reason, message }: Failure, telling: Telling, now: Instant): Decision {
  const { status = {}, conditions = [], audits = [], events = [] } = telling;
  const effects = transition(
    workflow,
    {
      to: 'failed',
      reason,
      message,
      status: { overallSuccess: false, ...status },
      conditions,
      audit: { type: 'workflow.failed', payload: { digest: workflow.status?.executionPlan?.digest ?? null } },
    },
    now,
  );
  return { effects: [...audits, ...effects, ...events, { kind: 'EmitEvent', type: 'Warning', reason: 'WorkflowFailed', message: `${reason}: ${message}` }] };
}

/** Why and where the workflow stops: nothing of it runs any more. */
export interface Standstill {
  readonly failure: Failure;
  readonly statuses: readonly StepStatus[];
  /** Those of the steps that ended: what they changed, and how it is undone. */
  readonly executions: Executions;
  readonly telling: Telling;
}

/** After steps have run: undo what they changed, as the strategy says, and fail after that; or fail at once. */
export function stop(workflow: WorkflowExecution, standstill: Standstill, now: Instant): Decision {
  const { failure, statuses, executions, telling } = standstill;
  const changes = changesToUndo(workflow, statuses, executions);
  const isAutomatic = workflow.status?.executionPlan?.rollbackStrategy === 'automatic';
  const isReversible = changes.some(({ kind }) => kind === 'reversible');
  if (isAutomatic && isReversible) return beginRollback(workflow, standstill, changes, now);
  const status = {
    ...telling.status,
    ...durationPatch(workflow, now),
    rollback: { state: 'none', steps: isAutomatic ? changes.flatMap(notUndone) : [] },
  };
  const message = `${failure.message}; ${isAutomatic ? 'nothing to roll back' : 'rollback is switched off'}`;
  return fail(workflow, { ...failure, message }, { ...telling, status }, now);
}

/** The first reason stays in the status while the undoing goes on. */
function beginRollback(workflow: WorkflowExecution, { failure, telling }: Standstill, changes: readonly Change[], now: Instant): Decision {
  const { status = {}, conditions = [], audits = [], events = [] } = telling;
  const order = changes.flatMap((change) => (change.kind === 'reversible' ? [change.undo.stepName] : []));
  const effects = transition(
    workflow,
    {
      to: 'rolling_back',
      ...failure,
      status: { ...status, rollback: { state: 'running', steps: [] } },
      conditions,
      audit: { type: 'workflow.rollback', discriminator: 'start', payload: { steps: order } },
    },
    now,
  );
  const started: EmitEvent = { kind: 'EmitEvent', type: 'Warning', reason: 'RollbackStarted', message: `Undoing ${order.join(', ')}: ${failure.message}` };
  return { effects: [...audits, ...effects, ...events, started] };
}

/** executionPlan.actualDuration, from the start of the first step until now; nothing before a step has started. */
export function durationPatch({ status }: WorkflowExecution, now: Instant): StatusPatch {
  const starts = (status?.stepStatuses ?? []).flatMap(({ startTime }) => (startTime === undefined ? [] : [startTime]));
  const [first] = starts.toSorted((a, b) => millisecondsOf(a) - millisecondsOf(b));
  if (first === undefined || status?.executionPlan === undefined) return {};
  return { executionPlan: { actualDuration: formatDuration(secondsBetween(first, now)) } };
}

/** Asked by the request that owns the workflow: it was cancelled, is past its deadline, or has ended. */
export const cancelled: Failure = { reason: 'cancelled', message: 'the request that owns this workflow asked it to cancel' };
