import { namespacesOf } from '../../../functions/remediation-orchestrator/targets.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { isTerminal, phaseOf } from '../../../shared/api/status.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';

/** What a pause means for a request: `held` is kept from acting, now or before its first step. */
export interface Hold {
  readonly request: string;
  readonly phase: string;
  readonly held: boolean;
  readonly message: string;
}

/** Null: it is over, so a pause is nothing to it. Pure. */
export function holdOf(request: RemediationRequest, workflow: WorkflowExecution | null): Hold | null {
  const phase = phaseOf(request);
  if (isTerminal(phase)) return null;
  const { name } = request.metadata;
  if (phase === 'executing' && workflow !== null && hasBegun(workflow)) {
    return { request: name, phase, held: false, message: `not paused: ${progressOf(workflow)}; npx kubernaut cancel ${name} ends it and undoes what was done` };
  }
  return { request: name, phase, held: true, message: heldSentence(request) };
}

/** Its steps may have been made: half a remediation is not held. */
function hasBegun({ status }: WorkflowExecution): boolean {
  return !['', 'planning', 'validating'].includes(status?.phase ?? '');
}

/** `it already executes, 1 of 3 steps started`. */
export function progressOf({ status }: WorkflowExecution): string {
  const { phase = '', currentStep = 0, totalSteps = 0 } = status ?? {};
  switch (phase) {
    case 'executing':
      return `it already executes, ${currentStep} of ${totalSteps} ${totalSteps === 1 ? 'step' : 'steps'} started`;
    case 'monitoring':
      return 'it has acted, and is watched';
    case 'rolling_back':
      return 'it is being undone';
    default:
      return `its workflow is ${phase === '' ? 'new' : phase}`;
  }
}

function heldSentence({ status }: RemediationRequest): string {
  switch (status?.phase ?? '') {
    case '':
      return 'held before it begins';
    case 'blocked':
      return `held: ${status?.blockedBy?.reason ?? 'blocked'}${status?.blockedBy?.name === undefined ? '' : ` by ${status.blockedBy.name}`}`;
    case 'executing':
      return 'held before its first step; an approval that it waits for can still be given, and can still expire';
    default:
      return 'goes on to look and to analyse, and is held before it acts';
  }
}

/** A pause of `namespace` concerns the request: its target or one of its steps lies there, or it is the product's own. Pure. */
export function concerns(request: RemediationRequest, workflow: WorkflowExecution | null, namespace: string): boolean {
  if (request.metadata.namespace === namespace || request.spec.target?.namespace === namespace) return true;
  return workflow !== null && namespacesOf(workflow.spec.workflowDefinition.steps).includes(namespace);
}

/** Everything that closes the fence of a request: itself, and the namespaces that a person closed. */
export function pausesOf(request: RemediationRequest, workflow: WorkflowExecution | null, pausedNamespaces: readonly string[]): readonly string[] {
  const own = request.spec.pause ? [`spec.pause of ${request.metadata.name}`] : [];
  return [...own, ...pausedNamespaces.filter((namespace) => concerns(request, workflow, namespace)).map((namespace) => `namespace ${namespace}`)];
}
