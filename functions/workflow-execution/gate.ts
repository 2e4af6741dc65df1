import { parseAction } from '../../shared/actions/index.ts';
import type { ConditionUpdate } from '../../shared/api/condition.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { judgePermission, permittedCondition, permittedUpdate, readOwner, readPaused, type Owner } from '../../shared/reconciler/permission.ts';
import type { Ports } from './executions.ts';
import type { Failure } from './steps.ts';

/** What the permission to act hangs on. `pausedBy`: the namespace that a person closed. */
export interface Gate {
  readonly owner: Owner | null;
  readonly pausedBy: string | null;
}

/** The namespaces are asked only where the owner has nothing against it. */
export async function readGate(workflow: WorkflowExecution, { cluster }: Ports, now: Instant): Promise<Gate> {
  const owner = await readOwner(workflow, cluster);
  const isWanted = judgePermission(workflow, owner, { pausedBy: null }, now).kind === 'granted';
  return { owner, pausedBy: isWanted ? await readPaused([...targetNamespaces(workflow), workflow.metadata.namespace], cluster) : null };
}

function targetNamespaces({ spec }: WorkflowExecution): readonly string[] {
  return spec.workflowDefinition.steps.flatMap(({ action, parameters }) => {
    const parsed = parseAction(action, parameters);
    return parsed.kind === 'known' ? [parsed.action.target.namespace ?? ''] : [];
  });
}

export type JudgedGate = { readonly conditions: readonly ConditionUpdate[] } & (
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly failure: Failure }
  /** `isNews`: the status does not say so yet. */
  | { readonly kind: 'waiting'; readonly isNews: boolean; readonly wakeAfterSeconds: number }
);

export function judgeGate(workflow: WorkflowExecution, { owner, pausedBy }: Gate, now: Instant): JudgedGate {
  const permission = judgePermission(workflow, owner, { pausedBy }, now);
  const condition = permittedUpdate(permission);
  const conditions = condition === null ? [] : [condition];
  switch (permission.kind) {
    case 'granted':
      return { kind: 'open', conditions };
    case 'cancelled':
    case 'orphaned':
      return { kind: 'closed', conditions, failure: { reason: permission.kind, message: permission.message } };
    case 'waiting': {
      const isNews = !workflow.status?.conditions?.some(
        ({ type, reason, message }) => type === permittedCondition && reason === permission.reason && message === permission.message,
      );
      return { kind: 'waiting', conditions, isNews, wakeAfterSeconds: permission.wakeAfterSeconds };
    }
  }
}
