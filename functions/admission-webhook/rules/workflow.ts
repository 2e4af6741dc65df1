import type { JsonObject } from '../../../shared/api/json.ts';
import type { WorkflowSpec } from '../../../shared/api/workflow-execution.ts';
import { firstOf, graphFault } from '../../../shared/planning/graph.ts';
import { safetyFault } from '../../../shared/planning/safety.ts';
import type { Settings } from '../settings.ts';
import { invalid, invalidBySentence, type Denied } from './decision.ts';

/** The questions of planning, asked before anything is stored: a sound graph, known actions with parameters that they take, targets that may be touched. */
export function workflowFault(spec: WorkflowSpec, settings: Settings): Denied | null {
  const sentence = graphFault(spec.workflowDefinition.steps) ?? safetyFault(spec, settings);
  return sentence === null ? restoreByHand(spec) : invalidBySentence(`spec.${sentence}`);
}

/** `restore` lifts the limits on growth, because the values stood there before: only an undo that was captured knows that, and it never stands in a definition. */
function restoreByHand({ workflowDefinition: { steps } }: WorkflowSpec): Denied | null {
  const parameters = steps.flatMap((step, index) => {
    const field = `spec.workflowDefinition.steps[${index}]`;
    const undo = step.rollback === undefined ? [] : [[`${field}.rollback.parameters`, step.rollback.parameters] as const];
    return [[`${field}.parameters`, step.parameters] as const, ...undo];
  });
  return firstOf(parameters, ([field, given]) => restoreIsSet(field, given));
}

export function restoreIsSet(field: string, parameters: JsonObject): Denied | null {
  if (parameters['restore'] === undefined) return null;
  return invalid(`${field}.restore`, 'is set by an undo only, which takes back what kubernaut itself has changed', 'leave it out');
}
