import type { BoundAction, Violation } from '../actions/action.ts';
import { parseAction } from '../actions/index.ts';
import { protectedTarget } from '../actions/protected.ts';
import { durationSeconds } from '../api/time.ts';
import type { RollbackAction, WorkflowStep } from '../api/workflow-definition.ts';
import type { WorkflowSpec } from '../api/workflow-execution.ts';
import { firstOf } from './graph.ts';
import type { Installation } from './installation.ts';
import { restoreFault } from './restore.ts';

/** Why the workflow may not act as it is defined, judged without a look at the cluster. Null: nothing speaks against it. */
export function safetyFault(spec: WorkflowSpec, settings: Installation): string | null {
  const steps = spec.workflowDefinition.steps.map((step, index) => ({ step, field: `workflowDefinition.steps[${index}]` }));
  return clusterFault(spec, settings) ?? firstOf(steps, ({ step, field }) => stepFault(step, field, settings));
}

function clusterFault({ targetCluster }: WorkflowSpec, { cluster }: Installation): string | null {
  return targetCluster === cluster ? null : `targetCluster: unknown cluster "${targetCluster}": this installation acts on "${cluster}"`;
}

function stepFault(step: WorkflowStep, field: string, settings: Installation): string | null {
  const rollback = step.rollback === undefined ? null : actionFault(step.rollback, `${field}.rollback`, settings);
  return actionFault(step, field, settings) ?? rollback;
}

/** The same questions for what a step does and for what undoes it. */
function actionFault(wanted: Pick<RollbackAction, 'action' | 'parameters' | 'timeout'>, field: string, settings: Installation): string | null {
  const parsed = parseAction(wanted.action, wanted.parameters);
  if (parsed.kind === 'invalid_parameters') return parameterSentence(field, parsed);
  if (parsed.kind !== 'known') return `${field}.action: ${parsed.message}`;
  return (
    targetFault(parsed.action, field, settings) ?? timeoutFault(parsed.action, wanted.timeout, field) ?? restoreFault(`${field}.parameters`, wanted.parameters)
  );
}

/** `workflowDefinition.steps[1].parameters.replicas: must be …`; a message of the catalogue begins with the parameter that it speaks of. */
export function parameterSentence(step: string, { field, message }: Pick<Violation, 'field' | 'message'>): string {
  if (field === '') return `${step}.parameters: ${message}`;
  return message.startsWith(`${field}:`) ? `${step}.parameters.${message}` : `${step}.parameters.${field}: ${message}`;
}

function targetFault({ target }: BoundAction, field: string, { namespace }: Installation): string | null {
  if (target.namespace === namespace) return `${field}.parameters.namespace: ${namespace} is protected: our own resources live there`;
  const fault = protectedTarget(target);
  return fault === null ? null : parameterSentence(field, { field: target.namespace === undefined ? '' : 'namespace', message: fault });
}

function timeoutFault({ name, timeoutSeconds }: BoundAction, timeout: string | undefined, field: string): string | null {
  const isWithin = timeout === undefined || durationSeconds(timeout) <= timeoutSeconds.max;
  return isWithin ? null : `${field}.timeout: ${timeout} is longer than ${name} may take: at most ${timeoutSeconds.max}s`;
}
