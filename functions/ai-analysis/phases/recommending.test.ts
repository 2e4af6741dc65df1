import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Recommendation } from '../../../shared/api/recommendation.ts';
import type { SuccessRates } from '../../../shared/audit/success-rates.ts';
import { aJudged, anAnalysisWith, now, type AnalysisOverrides } from '../../../test/support/analyses.ts';
import { clusterTwin, refusal, type ClusterTwin } from '../../../test/support/cluster-twin.ts';
import { stillClock } from '../../../test/support/kernel.ts';
import { resolvedTarget, said } from '../../../test/support/requests.ts';
import { conditionsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import type { RatesQuestion } from '../ports.ts';
import { recommending, type Observed } from './recommending.ts';

const raise = aJudged({
  id: 'rec-002',
  action: 'increase_memory_limit',
  description: 'Increase memory limit from 512Mi to 1Gi',
  confidence: 0.88,
  impact: 'low',
  parameters: { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'api', memory: '1Gi' },
});
const rates: SuccessRates = {
  actions: { scale_deployment: { samples: 20, successes: 17 }, increase_memory_limit: { samples: 50, successes: 39 } },
  categories: {},
};
const known: Observed = { rates, quotas: [] };
const decide = (recommendations: readonly Recommendation[] = [aJudged(), raise], observed: Partial<Observed> = {}, overrides: AnalysisOverrides = {}) =>
  recommending.decide(anAnalysisWith('recommending', recommendations, overrides), { ...known, ...observed }, now);

describe('recommending', () => {
  it('ranks by confidence, history, feasibility and impact, chooses the first and says why', () => {
    const decision = decide();
    expect(said(decision)).toEqual(['audit analysis.completed', 'enter completed', 'event Normal AIAnalysisCompleted']);
    expect(patchOf(decision)).toMatchObject({
      phase: 'completed',
      completionTime: now,
      recommendations: [
        {
          id: 'rec-001',
          historicalSuccessRate: 0.85,
          historicalSampleSize: 20,
          historicalTier: 'action',
          feasibility: 'high',
          reasons: ['finding memory-pressure', 'success rate 0.85 by action, 20 runs in 90 days', 'feasibility high, impact medium, rank 0.847'],
        },
        { id: 'rec-002', historicalSuccessRate: 0.78, reasons: expect.arrayContaining(['feasibility high, impact low, rank 0.756']) },
      ],
      rejected: [],
      investigationReport: { recommendation: 'Scale deployment to distribute load', alternatives: ['Increase memory limit from 512Mi to 1Gi'] },
    });
    expect(patchOf(decision)?.['topRecommendation']).toEqual({
      id: 'rec-001',
      action: 'scale_deployment',
      confidence: 0.92,
      parameters: { deployment: 'payment-api', namespace: 'production', targetReplicas: 5 },
    });
    expect(conditionsOf(decision)).toEqual(
      expect.arrayContaining(['RecommendationsGenerated=True Completed', 'Ready=True Completed', 'Succeeded=True Completed']),
    );
  });

  it('lets history change the order', () => {
    const actions = { ...rates.actions, scale_deployment: { samples: 20, successes: 2 } };
    expect(patchOf(decide(undefined, { rates: { actions, categories: {} } }))).toMatchObject({
      topRecommendation: { id: 'rec-002' },
      investigationReport: { recommendation: 'Increase memory limit from 512Mi to 1Gi' },
    });
  });

  it('goes on without the database, and says so', () => {
    expect(patchOf(decide([aJudged()], { rates: null }))).toMatchObject({
      recommendations: [
        {
          historicalTier: 'global',
          historicalSuccessRate: 0.7,
          historicalSampleSize: 0,
          reasons: expect.arrayContaining(['the history could not be read: 0.7 is assumed']),
        },
      ],
    });
  });

  it('goes on without the quotas, and says so', () => {
    expect(patchOf(decide([aJudged()], { quotas: null }))).toMatchObject({
      recommendations: [{ feasibility: 'medium' }],
      investigationReport: { notChecked: ['quotas of the namespace: they may not be read', 'free capacity of the nodes'] },
    });
  });

  it('puts what a constraint drops beside what was rejected before', () => {
    const rejected = [{ action: 'reboot', reason: 'unknown_action', message: 'no such action' }];
    expect(patchOf(decide([aJudged(), aJudged({ ...raise, confidence: 0.5 })], {}, { status: { rejected } }))).toMatchObject({
      recommendations: [{ id: 'rec-001' }],
      rejected: [{ action: 'reboot' }, { action: 'increase_memory_limit', reason: 'low_confidence' }],
    });
  });

  it('keeps twenty of them at most', () => {
    const rejected = Array.from({ length: 19 }, () => ({ action: 'reboot', reason: 'unknown_action', message: 'no such action' }));
    const low = { confidence: 0.1 };
    expect(patchOf(decide([aJudged(low), aJudged({ ...raise, ...low })], {}, { status: { rejected } }))?.['rejected']).toHaveLength(20);
  });

  it('completes with nothing where nothing survives: no action is needed of the request', () => {
    const decision = decide([aJudged({ confidence: 0.1 })]);
    const message = 'Nothing to recommend: scale_deployment was dropped, confidence: 0.1 is below 0.6';
    expect(patchOf(decision)).toMatchObject({ phase: 'completed', reason: 'no_action_needed', message, recommendations: [] });
    expect(patchOf(decision)).not.toHaveProperty('topRecommendation');
    expect(conditionsOf(decision)).toContain('Succeeded=True NoActionNeeded');
    expect(eventsOf(decision)).toMatchObject([{ type: 'Normal', reason: 'AIAnalysisCompleted', message }]);
  });

  it('says no more than that where nothing was found', () => {
    expect(patchOf(decide([]))).toMatchObject({ phase: 'completed', message: 'Nothing to recommend' });
  });

  it('recommends more memory where an autoscaler sets the replicas, and says why not more of them', () => {
    const autoscaler = { name: 'payments', minReplicas: 2, maxReplicas: 6, desiredReplicas: 3 };
    expect(patchOf(decide([aJudged(), aJudged(raise)], {}, { context: { autoscaler } }))).toMatchObject({
      recommendations: [{ action: 'increase_memory_limit' }],
      topRecommendation: { action: 'increase_memory_limit' },
      rejected: [{ action: 'scale_deployment', reason: 'autoscaled', message: expect.stringContaining('HorizontalPodAutoscaler payments') }],
    });
  });

  it('keeps ten reasons, the last of them its own', () => {
    const reasons = Array.from({ length: 10 }, (_, index) => `finding f${index}`);
    const [first] = (patchOf(decide([aJudged({ reasons })])) as { readonly recommendations: readonly Recommendation[] }).recommendations;
    expect(first?.reasons).toHaveLength(10);
    expect(first?.reasons.at(-1)).toContain('rank');
  });

  it('keeps the plan of several steps', () => {
    const steps = [
      {
        name: 'scale',
        action: 'scale_deployment',
        parameters: { deployment: 'payment-api', namespace: 'production', replicas: 5, currentReplicas: 3 },
        dependencies: [],
      },
    ];
    expect(patchOf(decide([aJudged({ steps, mode: 'parallel' })]))).toMatchObject({ recommendations: [{ steps, mode: 'parallel', historicalTier: 'action' }] });
  });

  it('audits what it recommends by name', () => {
    expect(rowsOf(decide())).toMatchObject([
      { type: 'analysis.completed', payload: { recommendations: ['rec-001 scale_deployment', 'rec-002 increase_memory_limit'], rejected: 0 } },
    ]);
  });
});

describe('what recommending looks at', () => {
  const quota = (name: string, spec: object = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name, namespace: 'production' },
    spec,
    status: { hard: { pods: '10' }, used: { pods: '4' } },
  });

  async function look(
    recommendations: readonly Recommendation[],
    prepare: (cluster: ClusterTwin) => void = () => undefined,
    overrides: AnalysisOverrides = {},
  ) {
    const cluster = clusterTwin([quota('compute'), quota('batch', { scopes: ['NotTerminating'] }), quota('gold', { scopeSelector: { matchExpressions: [] } })]);
    prepare(cluster);
    const asked: RatesQuestion[] = [];
    const readRates = (question: RatesQuestion) => {
      asked.push(question);
      return Promise.resolve(rates);
    };
    const observed = await recommending.observe(
      anAnalysisWith('recommending', recommendations, overrides),
      { cluster, providers: {}, clock: stillClock(), readRates },
      now,
    );
    return { asked, observed };
  }

  it('is the history of what is recommended, and the quotas that mean every pod', async () => {
    expect(await look([aJudged(), raise])).toEqual({
      asked: [{ actions: ['scale_deployment', 'increase_memory_limit'], categories: ['scaling', 'resources'], now }],
      observed: { rates, quotas: [{ name: 'compute', hard: { pods: '10' }, used: { pods: '4' } }] },
    });
  });

  it('is nothing where nothing is recommended', async () => {
    expect(await look([])).toEqual({ asked: [], observed: { rates: null, quotas: [] } });
  });

  it('is no quota for what belongs to no namespace', async () => {
    const { namespace: _namespace, ...node } = resolvedTarget;
    expect((await look([aJudged()], undefined, { spec: { target: node } })).observed.quotas).toEqual([]);
  });

  it('is no quota where they may not be read, and an error where the API is in trouble', async () => {
    const refuse = (status: number) => (cluster: ClusterTwin) => {
      cluster.onCall = () => {
        throw refusal(status, '', 'no quotas');
      };
    };
    expect((await look([aJudged()], refuse(403))).observed.quotas).toBeNull();
    await expect(look([aJudged()], refuse(500))).rejects.toThrow('no quotas');
  });

  it('is no history where the database is away', async () => {
    const readRates = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const ports = { cluster: clusterTwin(), providers: {}, clock: stillClock(), readRates };
    expect(await recommending.observe(anAnalysisWith('recommending', [aJudged()]), ports, now)).toEqual({ rates: null, quotas: [] });
  });
});
