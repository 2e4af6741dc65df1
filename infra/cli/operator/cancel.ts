import { isTerminal, phaseOf } from '../../../shared/api/status.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { Connection } from './connection.ts';
import { findByName, requestKind } from './find-resource.ts';
import { progressOf } from './hold.ts';
import { OperatorFailure } from './operator-failure.ts';
import { printJson, printLines, type OutputFormat } from './output.ts';
import { requireRequest } from './pause.ts';
import { patchObject } from './write-object.ts';

/** Asks for the end of a remediation, which cannot be taken back, and says how it will end. */
export async function cancel(name: string, { output }: { readonly output: OutputFormat }, connection: Connection): Promise<number> {
  const { request, workflow } = requireRequest(name, await findByName(name, connection));
  const phase = phaseOf(request);
  if (isTerminal(phase)) throw new OperatorFailure(`${request.metadata.name} is over (${phase}): there is nothing left to cancel`);
  const wasAsked = request.spec.cancel;
  const key = { ...requestKind, name: request.metadata.name, namespace: request.metadata.namespace };
  if (!wasAsked) await patchObject(key, { spec: { cancel: true } }, connection);
  const message = endingSentence(request, workflow);
  if (output === 'json') printJson({ request: request.metadata.name, phase, wasAsked, message });
  else printLines([`RemediationRequest ${request.metadata.name} ${wasAsked ? 'was asked to cancel before' : 'is asked to cancel'}: ${message}`]);
  return 0;
}

/** Nothing that runs is cut in the middle. Pure. */
export function endingSentence(request: RemediationRequest, workflow: WorkflowExecution | null): string {
  if (phaseOf(request) !== 'executing' || workflow === null) return withoutActing;
  const isUndone = workflow.spec.executionStrategy.rollbackOnFailure;
  switch (workflow.status?.phase) {
    case 'executing':
      return `${progressOf(workflow)}: a Job that runs is not cut off, its verdict is awaited, ${isUndone ? 'then what was done is undone' : 'and nothing is undone, as the strategy says'}`;
    case 'monitoring':
      return isUndone ? 'what was done is undone' : 'what was done stays, as the strategy says';
    case 'rolling_back':
      return 'the undoing goes on to its end';
    case 'completed':
    case 'failed':
      return 'its workflow is over already, and its verdict counts';
    default:
      return withoutActing;
  }
}

const withoutActing = 'it ends without having acted';
