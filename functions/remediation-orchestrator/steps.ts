import { fromRecommendation } from '../../shared/actions/index.ts';
import { dashed } from '../../shared/api/names.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { Chosen } from './recommendation.ts';

/**
 * The steps of the workflow: those of a recommendation that has several, else one named after its action. What they may do is not judged here: an
 * unknown action goes into the workflow, and planning refuses it with its reason.
 */
export function stepsOf({ top, recommendation }: Chosen): readonly WorkflowStep[] {
  const several = recommendation.steps ?? [];
  if (several.length === 0) return [step(dashed(top.action), top.action, top)];
  return several.map(({ name, action, parameters, dependencies, criticalStep = true }) => ({
    ...step(name, action, { parameters }),
    dependencies,
    criticalStep,
  }));
}

function step(name: string, action: string, { parameters }: Pick<WorkflowStep, 'parameters'>): WorkflowStep {
  return { name, action, parameters: fromRecommendation(action, parameters), dependencies: [], criticalStep: true };
}
