import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { formatDuration, millisecondsOf } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { RollbackStep, StepStatus } from '../../shared/api/workflow-status.ts';
import type { Executions } from './executions.ts';
import { timeoutSecondsOf } from './plan.ts';

/** How one step is undone. */
export interface Undo {
  readonly stepName: string;
  readonly action: string;
  readonly parameters: JsonObject;
  readonly timeout: string;
  readonly original: KubernetesExecution;
}

/** A step that may have changed the cluster: how it is undone, or why it cannot be. */
export type Change =
  | { readonly kind: 'reversible'; readonly undo: Undo }
  | { readonly kind: 'irreversible'; readonly stepName: string; readonly reason: string };

/**
 * What the workflow did, in the order in which it is undone: failed steps whose Job ran, then the completed ones, each in exact reverse
 * order of completion. A step without a Job changed nothing and is not in it.
 */
export function changesToUndo(workflow: WorkflowExecution, statuses: readonly StepStatus[], executions: Executions): readonly Change[] {
  return inUndoOrder(workflow, statuses).flatMap(({ stepName, executionRef }) => {
    if (executionRef === undefined) return []; // refused by the API: it never was
    const execution = executions.get(stepName) ?? null;
    // Its record is gone: nobody knows what was changed, nor how it was before.
    if (execution === null) return [{ kind: 'irreversible' as const, stepName, reason: 'execution_missing' }];
    return execution.status?.jobRef === undefined ? [] : [changeOf(workflow, stepName, execution)];
  });
}

/** Failed steps before completed ones, each in exact reverse order of completion. */
export function inUndoOrder(workflow: WorkflowExecution, statuses: readonly StepStatus[]): readonly StepStatus[] {
  const ordered = latestFirst(workflow, statuses);
  return [...ordered.filter(({ phase }) => phase === 'failed'), ...ordered.filter(({ phase }) => phase === 'completed')];
}

/** Completion times have whole seconds: of two that are equal, the one that is later in the plan counts as the later. */
export function latestFirst(workflow: WorkflowExecution, statuses: readonly StepStatus[]): readonly StepStatus[] {
  const planned = (workflow.status?.executionPlan?.executionOrder ?? []).flatMap(({ steps }) => steps);
  const place = new Map(planned.map((name, index) => [name, index]));
  return statuses.toSorted((a, b) => endedAt(b) - endedAt(a) || (place.get(b.stepName) ?? 0) - (place.get(a.stepName) ?? 0));
}

function endedAt({ completionTime }: StepStatus): number {
  return completionTime === undefined ? 0 : millisecondsOf(completionTime);
}

/** The step's own rollback replaces the captured undo. */
function changeOf(workflow: WorkflowExecution, stepName: string, original: KubernetesExecution): Change {
  const own = workflow.spec.workflowDefinition.steps.find(({ name }) => name === stepName)?.rollback;
  if (own !== undefined) {
    const timeout = formatDuration(timeoutSecondsOf(own));
    return { kind: 'reversible', undo: { stepName, action: own.action, parameters: own.parameters, timeout, original } };
  }
  const captured = original.status?.rollbackInformation;
  const { action, parameters } = captured ?? {};
  if (captured?.available !== true || action === undefined || parameters === undefined) return { kind: 'irreversible', stepName, reason: 'not_reversible' };
  return { kind: 'reversible', undo: { stepName, action, parameters, timeout: original.spec.timeout, original } };
}

/** How the rollback records what it cannot undo. */
export function notUndone(change: Change): readonly RollbackStep[] {
  return change.kind === 'irreversible' ? [{ stepName: change.stepName, phase: 'skipped', reason: change.reason }] : [];
}
