import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { WorkloadContext } from '../../../shared/api/kubernetes-context.ts';
import { aContext, aPodContext, aQuestion, crashLooping, oomKilled, type AnalysisOverrides } from '../../../test/support/analyses.ts';
import { resolvedTarget } from '../../../test/support/requests.ts';
import { memoryPressure } from './memory-pressure.ts';

const pods = { total: 3, ready: 2, worst: [oomKilled] };
const diagnose = (overrides: AnalysisOverrides = {}) => memoryPressure(aQuestion({ ...overrides, context: { pods, ...overrides.context } }));
const workload = (changes: Partial<WorkloadContext>): WorkloadContext => ({ ...aContext().workload, ...changes });
const offered = (overrides: AnalysisOverrides): readonly JsonObject[] | undefined =>
  diagnose(overrides)?.candidates.map(({ action, parameters }) => ({ action, ...parameters }));

describe('memory pressure', () => {
  it('is seen by containers that were killed for memory, with each of them as evidence', () => {
    expect(diagnose()?.finding).toEqual({
      id: 'memory-pressure',
      detector: 'oom-killed',
      severity: 'critical',
      confidence: 0.92,
      summary: '1 of 3 pods had containers killed for memory',
      evidence: [
        {
          ref: { apiVersion: 'v1', kind: 'Pod', name: 'payment-api-1', namespace: 'production', uid: 'uid-payment-api-1' },
          field: 'status.containerStatuses[api].lastState.terminated',
          text: 'OOMKilled, exit code 137, 4 restarts',
        },
      ],
    });
  });

  it('says what the specification prints', () => {
    expect(diagnose()).toMatchObject({
      summary: 'Memory pressure causing OOM events',
      rootCause: 'Insufficient memory limits for current workload',
      recommendation: 'Scale deployment to distribute load',
    });
  });

  it.each<[sentence: string, overrides: AnalysisOverrides]>([
    ['no pod was killed for memory', { context: { pods: { total: 3, ready: 2, worst: [crashLooping] } } }],
    ['no pods are known', { context: { pods: { total: 0, ready: 0, worst: [] } } }],
  ])('is not seen where %s', (_sentence, overrides) => {
    expect(diagnose(overrides)).toBeNull();
  });

  it('is not seen without a context', () => {
    expect(memoryPressure(aQuestion({ context: null }))).toBeNull();
  });

  it('names ten pods at most', () => {
    const worst = Array.from({ length: 12 }, (_, index) => aPodContext(`p-${index}`, { lastTerminatedReason: 'OOMKilled' }));
    expect(diagnose({ context: { pods: { total: 12, ready: 0, worst } } })?.finding.evidence).toHaveLength(10);
  });

  it('offers more replicas first, a higher limit second', () => {
    expect(offered({})).toEqual([
      { action: 'scale_deployment', deployment: 'payment-api', namespace: 'production', currentReplicas: 3, targetReplicas: 5 },
      { action: 'increase_memory_limit', namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'api', memory: '1Gi' },
    ]);
  });

  it.each<[sentence: string, replicas: number, constraints: AnalysisOverrides['constraints'], wanted: number | null]>([
    ['half as many again', 3, {}, 5],
    ['two of one', 1, {}, 2],
    ['no more than one step adds', 100, {}, 120],
    ['no more than the factor allows', 4, { maxScaleFactor: 1.25 }, 5],
    ['no more than there may be', 4, { maxReplicas: 5 }, 5],
    ['none where there may be no more', 5, { maxReplicas: 5 }, null],
    ['none where somebody scaled it to nothing', 0, {}, null],
  ])('asks for %s', (_sentence, replicas, constraints, wanted) => {
    const scaling = offered({ constraints: constraints ?? {}, context: { workload: workload({ replicas }) } })?.find(
      (candidate) => candidate['action'] === 'scale_deployment',
    );
    expect(scaling?.['targetReplicas'] ?? null).toBe(wanted);
  });

  it.each<[sentence: string, overrides: AnalysisOverrides, actions: readonly string[]]>([
    ['a StatefulSet: a higher limit only', { spec: { target: { ...resolvedTarget, kind: 'StatefulSet' } } }, ['increase_memory_limit']],
    ['a bare pod: nothing', { spec: { target: { ...resolvedTarget, apiVersion: 'v1', kind: 'Pod' } } }, []],
    ['no limit to raise: more replicas only', { context: { workload: workload({ containers: [{ name: 'api', image: 'a' }] }) } }, ['scale_deployment']],
    [
      'a limit of nothing: more replicas only',
      { context: { workload: workload({ containers: [{ name: 'api', image: 'a', memoryLimit: '0' }] }) } },
      ['scale_deployment'],
    ],
    [
      'a limit that is no quantity: more replicas only',
      { context: { workload: workload({ containers: [{ name: 'api', image: 'a', memoryLimit: 'much' }] }) } },
      ['scale_deployment'],
    ],
    ['nothing known of its containers: more replicas only', { context: { workload: workload({ containers: [] }) } }, ['scale_deployment']],
  ])('offers for %s', (_sentence, overrides, actions) => {
    expect(offered(overrides)?.map((candidate) => candidate['action'])).toEqual(actions);
  });

  it.each<[sentence: string, overrides: AnalysisOverrides, container: string]>([
    ['the one that the alert names', { spec: { target: { ...resolvedTarget, container: 'proxy' } } }, 'proxy'],
    ['the one that was killed', {}, 'api'],
  ])('raises the limit of %s', (_sentence, overrides, container) => {
    const containers = ['api', 'proxy'].map((name) => ({ name, image: name, memoryLimit: '64Mi' }));
    expect(offered({ ...overrides, context: { workload: workload({ containers }) } })?.[1]).toMatchObject({ container, memory: '128Mi' });
  });

  it('raises no limit where nobody can tell which container it was', () => {
    const containers = ['one', 'two'].map((name) => ({ name, image: name, memoryLimit: '64Mi' }));
    expect(offered({ context: { workload: workload({ containers }) } })).toHaveLength(1);
  });
});
