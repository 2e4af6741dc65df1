import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { Chosen } from './recommendation.ts';
import { namespacesOf } from './targets.ts';

const stepsWithoutApprovalMax = 10; // more is a plan that somebody should have read
const namespacesWithoutApprovalMax = 1; // more crosses the border of a team

/** Why a person must approve before anything is changed, one sentence each; none: nobody has to. */
export function approvalReasons({ spec }: Pick<AIAnalysis, 'spec'>, { top, recommendation }: Chosen, steps: readonly WorkflowStep[]): readonly string[] {
  const { environment, constraints } = spec;
  const { safetyLevel } = recommendation;
  const isProduction = environment === 'production' || environment === 'unknown';
  const namespaces = namespacesOf(steps);
  const reasons: readonly (readonly [isReason: boolean, sentence: string])[] = [
    [safetyLevel === 'dangerous', `${top.action} is dangerous`],
    [safetyLevel === 'moderate' && isProduction, `${top.action} has a moderate risk, and the environment is ${environment}`],
    [top.confidence < constraints.approvalBelowConfidence, `confidence ${top.confidence} is below ${constraints.approvalBelowConfidence}`],
    [steps.length > stepsWithoutApprovalMax, `${steps.length} steps are more than ${stepsWithoutApprovalMax}`],
    [namespaces.length > namespacesWithoutApprovalMax, `${namespaces.length} namespaces are touched: ${namespaces.join(', ')}`],
  ];
  return reasons.flatMap(([isReason, sentence]) => (isReason ? [sentence] : []));
}
