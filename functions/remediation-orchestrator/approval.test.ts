import { describe, expect, it } from 'vitest';
import type { SafetyLevel } from '../../shared/api/recommendation.ts';
import type { Environment } from '../../shared/api/cluster-context.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import { anAnalysis, aRecommendation, settings } from '../../test/support/requests.ts';
import { aStep } from '../../test/support/workflows.ts';
import { approvalReasons } from './approval.ts';

interface Plan {
  readonly safetyLevel?: SafetyLevel;
  readonly environment?: Environment;
  readonly confidence?: number;
  readonly approvalBelowConfidence?: number;
  readonly steps?: readonly WorkflowStep[];
}

function reasons({ safetyLevel = 'safe', environment = 'production', confidence = 0.92, approvalBelowConfidence = 0.8, steps = [aStep()] }: Plan = {}) {
  const recommendation = aRecommendation({ safetyLevel, confidence });
  const analysis = anAnalysis({ spec: { environment, constraints: { ...settings.constraints, approvalBelowConfidence } } });
  return approvalReasons(analysis, { top: { ...recommendation }, recommendation }, steps);
}

const inNamespace = (namespace: string, name = `in-${namespace}`) => aStep(name, { parameters: { namespace, deployment: 'payment-api', replicas: 5 } });
const steps = (count: number) => Array.from({ length: count }, (_, index) => aStep(`s${index}`));

describe('a person must approve', () => {
  it.each<[sentence: string, plan: Plan, reason: string]>([
    ['a moderate risk in production', { safetyLevel: 'moderate' }, 'scale_deployment has a moderate risk, and the environment is production'],
    ['a moderate risk where nobody knows the environment', { safetyLevel: 'moderate', environment: 'unknown' }, 'the environment is unknown'],
    ['a dangerous action in production', { safetyLevel: 'dangerous' }, 'scale_deployment is dangerous'],
    ['a dangerous action anywhere', { safetyLevel: 'dangerous', environment: 'development' }, 'scale_deployment is dangerous'],
    ['what the analysis is not sure of', { confidence: 0.79 }, 'confidence 0.79 is below 0.8'],
    ['what the operator wants to see below', { confidence: 0.92, approvalBelowConfidence: 0.95 }, 'confidence 0.92 is below 0.95'],
    ['more than ten steps', { steps: steps(11) }, '11 steps are more than 10'],
    ['more than one namespace', { steps: [inNamespace('production'), inNamespace('payments')] }, '2 namespaces are touched: production, payments'],
  ])('%s', (_sentence, plan, reason) => {
    expect(reasons(plan)).toEqual([expect.stringContaining(reason)]);
  });

  it('for every reason that there is', () => {
    expect(reasons({ safetyLevel: 'dangerous', confidence: 0.5, steps: [...steps(10), inNamespace('payments')] })).toHaveLength(4);
  });
});

describe('nobody has to approve', () => {
  it.each<[sentence: string, plan: Plan]>([
    ['the specification’s example: scale up, safe, production, 0.92', {}],
    ['a moderate risk in staging', { safetyLevel: 'moderate', environment: 'staging' }],
    ['a confidence exactly at the limit', { confidence: 0.8 }],
    ['ten steps in one namespace', { steps: steps(10) }],
    ['a step that the catalogue does not know, which planning refuses', { steps: [aStep('x', { action: 'no_such_action' })] }],
  ])('%s', (_sentence, plan) => {
    expect(reasons(plan)).toEqual([]);
  });
});
