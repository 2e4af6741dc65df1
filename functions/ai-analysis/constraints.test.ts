import { describe, expect, it } from 'vitest';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import { aJudged, anAnalysisWith, type AnalysisOverrides } from '../../test/support/analyses.ts';
import { resolvedTarget } from '../../test/support/requests.ts';
import { feasibilityOf, violation } from './constraints.ts';

const scale = (currentReplicas: number, targetReplicas: number, namespace = 'production'): Partial<Recommendation> => ({
  parameters: { deployment: 'payment-api', namespace, currentReplicas, targetReplicas },
});
const restart = { action: 'restart_pod', parameters: { namespace: 'production', pod: 'p-1' }, safetyLevel: 'moderate' } as const;
const inSteps = (recommendation: Partial<Recommendation>): Partial<Recommendation> => ({
  steps: [{ name: 'scale', action: 'scale_deployment', parameters: recommendation.parameters ?? {}, dependencies: [] }],
  parameters: {},
});

const autoscaler = { name: 'payments', minReplicas: 2, maxReplicas: 6, desiredReplicas: 3 };

const dropped = (recommendation: Partial<Recommendation>, overrides: AnalysisOverrides = {}) =>
  violation(aJudged(recommendation), anAnalysisWith('recommending', [], overrides), { quotas: [] });

describe('violation', () => {
  it('has nothing against the healthy recommendation', () => {
    expect(dropped({})).toBeNull();
  });

  it.each<[sentence: string, recommendation: Partial<Recommendation>, overrides: AnalysisOverrides, reason: string, message: string]>([
    ['an action that is not allowed', restart, { constraints: { allowedActions: ['scale_deployment'] } }, 'not_allowed', 'action: restart_pod is not among'],
    [
      'a step that is not allowed',
      inSteps(scale(3, 5)),
      { constraints: { allowedActions: ['restart_pod'] } },
      'not_allowed',
      'steps[0].action: scale_deployment is not',
    ],
    ['everything where nothing is allowed', {}, { constraints: { allowedActions: [] } }, 'not_allowed', 'action: scale_deployment'],
    ['too little confidence', { confidence: 0.59 }, {}, 'low_confidence', 'confidence: 0.59 is below 0.6'],
    ['danger in production', { safetyLevel: 'dangerous' }, {}, 'unsafe_in_environment', 'not recommended in production'],
    ['danger where nobody knows', { safetyLevel: 'dangerous' }, { spec: { environment: 'unknown' } }, 'unsafe_in_environment', 'not recommended in unknown'],
    ['four times as many', scale(3, 12), {}, 'exceeds_limits', 'parameters.replicas: 12 is more than 9, the most from 3'],
    ['twenty-one more', scale(50, 71), {}, 'exceeds_limits', 'parameters.replicas: 71 is more than 70, the most from 50'],
    ['two of nothing', scale(0, 2), {}, 'exceeds_limits', 'parameters.replicas: 2 is more than 1, the most from 0'],
    ['more than there may be', scale(4, 6), { constraints: { maxReplicas: 5 } }, 'exceeds_limits', 'parameters.replicas: 6 is more than 5'],
    ['growth by a step', inSteps(scale(3, 12)), {}, 'exceeds_limits', 'steps[0].parameters.replicas: 12 is more than 9'],
    [
      'growth from nobody knows what',
      { parameters: { deployment: 'payment-api', namespace: 'production', targetReplicas: 5 } },
      {},
      'exceeds_limits',
      'the most from 0',
    ],
    [
      'what acts outside of its environment',
      scale(3, 5, 'production'),
      { spec: { environment: 'development', target: { ...resolvedTarget, namespace: 'sandbox' } } },
      'outside_environment',
      'parameters.namespace: must be sandbox: the environment of production is not known to be development',
    ],
    [
      'replicas that an autoscaler sets',
      {},
      { context: { autoscaler } },
      'autoscaled',
      'parameters.replicas: HorizontalPodAutoscaler payments sets them (2 to 6) and would take payment-api back: change its bounds instead',
    ],
    ['those of a step', inSteps(scale(3, 5)), { context: { autoscaler } }, 'autoscaled', 'steps[0].parameters.replicas: HorizontalPodAutoscaler payments'],
    ['fewer of them as well', scale(3, 2), { context: { autoscaler } }, 'autoscaled', 'HorizontalPodAutoscaler payments'],
  ])('drops %s', (_sentence, recommendation, ...[overrides, reason, message]) => {
    expect(dropped(recommendation, overrides)).toEqual({
      action: recommendation.action ?? 'scale_deployment',
      reason,
      message: expect.stringContaining(message),
    });
  });

  it.each<[sentence: string, recommendation: Partial<Recommendation>, overrides: AnalysisOverrides]>([
    ['confidence that is just enough', { confidence: 0.6 }, {}],
    ['danger in staging', { safetyLevel: 'dangerous' }, { spec: { environment: 'staging' } }],
    ['three times as many', scale(3, 9), {}],
    ['twenty more', scale(50, 70), {}],
    ['one of nothing', scale(0, 1), {}],
    ['two of one, where the factor rounds down to one', scale(1, 2), { constraints: { maxScaleFactor: 1 } }],
    ['fewer than there are, even above the most', scale(30, 29), { constraints: { maxReplicas: 20 } }],
    ['another namespace in production, where every gate holds', scale(3, 5, 'shop'), {}],
    ['a restart where an autoscaler sets the replicas', restart, { context: { autoscaler } }],
    ["another workload than the autoscaler's", scale(3, 5, 'shop'), { context: { autoscaler } }],
  ])('lets pass %s', (_sentence, recommendation, overrides) => {
    expect(dropped(recommendation, overrides)).toBeNull();
  });

  it('tells the first reason', () => {
    expect(dropped({ ...scale(3, 100), confidence: 0.1, safetyLevel: 'dangerous' })).toMatchObject({ reason: 'low_confidence' });
  });

  it('drops what a quota has no room for', () => {
    const quotas = [{ name: 'compute', hard: { pods: '10' }, used: { pods: '9' } }];
    expect(violation(aJudged(), anAnalysisWith('recommending', []), { quotas })).toEqual({
      action: 'scale_deployment',
      reason: 'quota_exceeded',
      message: 'quota compute has room for 1 of pods, 2 more are wanted',
    });
  });
});

describe('feasibilityOf', () => {
  it.each<[sentence: string, recommendation: Partial<Recommendation>, overrides: AnalysisOverrides, quotas: [] | null, degree: string]>([
    ['all is known', {}, {}, [], 'high'],
    ['something could not be read', {}, { spec: { contextQuality: 'degraded' } }, [], 'medium'],
    ['quotas could not be read', {}, {}, null, 'medium'],
    ['quotas do not matter', restart, {}, null, 'high'],
  ])('where %s', (_sentence, recommendation, ...[overrides, quotas, degree]) => {
    expect(feasibilityOf(aJudged(recommendation), anAnalysisWith('recommending', [], overrides), { quotas })).toBe(degree);
  });
});
