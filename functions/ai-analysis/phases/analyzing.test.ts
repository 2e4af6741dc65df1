import { describe, expect, it } from 'vitest';
import type { Recommendation } from '../../../shared/api/recommendation.ts';
import { aDeployment } from '../../../test/support/actions.ts';
import { aDraft, anAnalysisWith, now } from '../../../test/support/analyses.ts';
import { clusterTwin, refusal, type ClusterTwin } from '../../../test/support/cluster-twin.ts';
import { stillClock } from '../../../test/support/kernel.ts';
import { said } from '../../../test/support/requests.ts';
import { conditionsOf, patchOf } from '../../../test/support/workflows.ts';
import { analyzing } from './analyzing.ts';

const unknown = (description: string): Partial<Recommendation> => ({ id: 'rec-002', action: 'reboot', description });

async function judged(drafts: readonly Partial<Recommendation>[], prepare: (cluster: ClusterTwin) => void = () => undefined) {
  const cluster = clusterTwin([aDeployment()]);
  prepare(cluster);
  const analysis = anAnalysisWith('analyzing', drafts.map(aDraft));
  const ports = { cluster, providers: {}, clock: stillClock(), readRates: () => Promise.reject(new Error('asked')) };
  return analyzing.decide(analysis, await analyzing.observe(analysis, ports, now), now);
}

describe('analyzing', () => {
  it('keeps what holds, with the risk that the catalogue gives it, and says why it rejects the rest', async () => {
    const decision = await judged([{}, unknown('Reboot the node')]);
    expect(said(decision)).toEqual(['enter recommending']);
    expect(patchOf(decision)).toMatchObject({
      recommendations: [{ id: 'rec-001', action: 'scale_deployment', safetyLevel: 'safe' }],
      rejected: [{ action: 'reboot', reason: 'unknown_action', message: expect.stringContaining('action: reboot is no action of the catalogue') }],
    });
    expect(conditionsOf(decision)).toContain('AnalysisValidated=True Completed');
  });

  it('chooses nothing yet', async () => {
    expect(patchOf(await judged([{}]))).not.toHaveProperty('topRecommendation');
  });

  it('fails when nothing holds, says what is wrong with each, and leaves no draft behind', async () => {
    const decision = await judged([
      { ...unknown('a'), id: 'rec-001' },
      { id: 'rec-002', parameters: { deployment: '--all', namespace: 'production', targetReplicas: 1 } },
    ]);
    expect(said(decision)).toEqual(['audit analysis.failed', 'enter failed', 'event Warning AIAnalysisFailed']);
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'invalid_analysis',
      message: expect.stringMatching(/^nothing of the answer holds: reboot: action: .*; scale_deployment: parameters\.deployment: must be/),
      recommendations: [],
      rejected: [{ reason: 'unknown_action' }, { reason: 'invalid_parameters' }],
      investigationReport: { recommendation: 'Nothing is recommended: the analysis failed' },
    });
    expect(conditionsOf(decision)).toContain('AnalysisValidated=False InvalidAnalysis');
  });

  it('goes on without a candidate where nobody offered one', async () => {
    expect(patchOf(await judged([]))).toMatchObject({ phase: 'recommending', recommendations: [], rejected: [] });
  });

  it('bounds what it says about ten mistakes', async () => {
    const long = { action: 'restart_pod', parameters: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${'k'.repeat(60)}${index}`, 1])) };
    const decision = await judged(Array.from({ length: 10 }, () => long));
    const { message, rejected } = patchOf(decision) as { readonly message: string; readonly rejected: readonly { readonly message: string }[] };
    expect([message, ...rejected.map((each) => each.message)].every((text) => text.length <= 1_024)).toBe(true);
  });

  it('rejects a target that may not be read, and keeps the others', async () => {
    const forbidden = (cluster: ClusterTwin) => {
      cluster.onCall = ({ kind }) => {
        if (kind === 'Pod') throw refusal(403, 'Forbidden', 'pods "p-1" is forbidden');
      };
    };
    const restart = { id: 'rec-002', action: 'restart_pod', parameters: { namespace: 'production', pod: 'p-1' } };
    expect(patchOf(await judged([{}, restart], forbidden))).toMatchObject({ phase: 'recommending', rejected: [{ reason: 'target_unreadable' }] });
  });

  it('looks again where the API is in trouble', async () => {
    const troubled = (cluster: ClusterTwin) => {
      cluster.onCall = () => {
        throw refusal(500, 'InternalError', 'etcd is away');
      };
    };
    await expect(judged([{}], troubled)).rejects.toThrow('etcd is away');
  });

  it('asks for nothing in a protected namespace', async () => {
    const reads: string[] = [];
    const watched = (cluster: ClusterTwin) => {
      cluster.onCall = ({ name }) => void reads.push(name);
    };
    await judged([{ parameters: { deployment: 'coredns', namespace: 'kube-system', targetReplicas: 3 } }], watched);
    expect(reads).toEqual([]);
  });
});
