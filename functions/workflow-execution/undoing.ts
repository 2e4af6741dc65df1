import type { BoundAction } from '../../shared/actions/action.ts';
import { parseAction } from '../../shared/actions/index.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { RollbackState, RollbackStep, StepStatus } from '../../shared/api/workflow-status.ts';
import { isAlive } from '../../shared/reconciler/children.ts';
import type { RecordAudit } from '../../shared/reconciler/effect.ts';
import { audit } from '../../shared/reconciler/transition.ts';
import type { Executions } from './executions.ts';
import { notUndone, type Change, type Undo } from './rollback.ts';
import { statusesOf } from './steps.ts';

/** How far the undoing is once the verdict of the execution that undid the last step is copied. */
export interface Settled {
  readonly steps: readonly RollbackStep[];
  readonly statuses: readonly StepStatus[];
  readonly rows: readonly RecordAudit[];
}

export function rollbackSteps({ status }: WorkflowExecution): readonly RollbackStep[] {
  return status?.rollback?.steps ?? [];
}

export function isBusy(undoing: Executions): boolean {
  return [...undoing.values()].some((execution) => execution !== null && isAlive(execution));
}

export function settle(workflow: WorkflowExecution, undoing: Executions): Settled {
  const steps = rollbackSteps(workflow).map((step) => (step.phase === 'executing' ? verdictOf(step, undoing.get(step.stepName) ?? null) : step));
  const undone = new Set(steps.filter(({ phase }) => phase === 'completed').map(({ stepName }) => stepName));
  const statuses = statusesOf(workflow).map((status) => (undone.has(status.stepName) ? { ...status, phase: 'rolled_back' as const } : status));
  const before = new Map(rollbackSteps(workflow).map(({ stepName, phase }) => [stepName, phase]));
  return { steps, statuses, rows: steps.filter(({ stepName, phase }) => phase !== before.get(stepName)).map((step) => undoneRow(workflow, step)) };
}

/** A failure is recorded, and the rest goes on. */
function verdictOf(step: RollbackStep, execution: KubernetesExecution | null): RollbackStep {
  if (execution === null) return { ...step, phase: 'failed', reason: 'execution_missing' };
  return execution.status?.phase === 'completed' ? { ...step, phase: 'completed' } : { ...step, phase: 'failed', reason: execution.status?.reason ?? 'failed' };
}

/** `undoneExecutionUid` tells the success rates that an action was taken back. */
function undoneRow(workflow: WorkflowExecution, { stepName, phase, reason = '' }: RollbackStep): RecordAudit {
  const uid = statusesOf(workflow).find((status) => status.stepName === stepName)?.executionRef?.uid ?? '';
  const isUndone = phase === 'completed';
  return audit(
    {
      type: 'workflow.rollback',
      reason,
      message: isUndone ? `step ${stepName} is undone` : `step ${stepName} could not be undone: ${reason}`,
      discriminator: stepName,
      payload: { stepName, ...(isUndone && { undoneExecutionUid: uid }) },
    },
    'rolling_back',
    'rolling_back',
  );
}

/** Steps that have changed something and of whose undoing nothing is recorded yet. */
export function pendingSteps({ steps, statuses }: Pick<Settled, 'steps' | 'statuses'>): readonly StepStatus[] {
  const recorded = new Set(steps.map(({ stepName }) => stepName));
  return statuses.filter(({ stepName, phase }) => (phase === 'failed' || phase === 'completed') && !recorded.has(stepName));
}

/** The next step to undo, after those of the order that cannot be undone. `start` null: nothing is left. */
export interface Next {
  readonly passedOver: readonly RollbackStep[];
  readonly start: { readonly undo: Undo; readonly action: BoundAction } | null;
}

export function nextUndo(changes: readonly Change[]): Next {
  const passedOver: RollbackStep[] = [];
  for (const change of changes) {
    if (change.kind === 'irreversible') {
      passedOver.push(...notUndone(change));
      continue;
    }
    const parsed = parseAction(change.undo.action, change.undo.parameters);
    if (parsed.kind === 'known') return { passedOver, start: { undo: change.undo, action: parsed.action } };
    passedOver.push({ stepName: change.undo.stepName, phase: 'failed', reason: parsed.kind });
  }
  return { passedOver, start: null };
}

export function rollbackState(steps: readonly RollbackStep[]): RollbackState {
  const undone = steps.filter(({ phase }) => phase === 'completed').length;
  if (undone === steps.length) return 'completed';
  return undone > 0 ? 'partial' : 'failed';
}
