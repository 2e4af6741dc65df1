import { describe, expect, it } from 'vitest';
import { contextBytesMax } from '../../../shared/api/cluster-context.ts';
import { jsonBytesOf } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { ListOptions, ObjectKey } from '../../../shared/kubernetes/ports.ts';
import { aProcessing } from '../../../test/support/processings.ts';
import type { Ports } from '../ports.ts';
import { enriching } from './enriching.ts';

const now = '2026-01-15T10:35:05Z';
const late = '2026-01-15T10:36:00Z';
const phase = enriching({ cluster: 'primary-cluster', namespace: 'kubernaut-system' });

const controlledBy = (kind: string, name: string, uid: string) => ({
  ownerReferences: [{ apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, name, uid, controller: true }],
});
const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'payment-api', namespace: 'production', uid: 'd1' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'payment-api' } },
    template: {
      spec: {
        containers: [{ name: 'app', image: 'payment:1', resources: { limits: { memory: '512Mi' } }, envFrom: [{ configMapRef: { name: 'payment-config' } }] }],
      },
    },
  },
  status: { readyReplicas: 2 },
};
const replicaSet: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'payment-api-6f7d', namespace: 'production', uid: 'rs1', ...controlledBy('Deployment', 'payment-api', 'd1') },
};
const pod = (name: string, restarts: number, note = ''): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'production',
    uid: name,
    labels: { app: 'payment-api' },
    annotations: { note },
    ...controlledBy('ReplicaSet', 'payment-api-6f7d', 'rs1'),
  },
  spec: { nodeName: 'node-1' },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: restarts > 0 ? 'False' : 'True' }],
    containerStatuses: [{ name: 'app', restartCount: restarts, ...(restarts > 0 && { lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }) }],
  },
});

function aCluster(objects: readonly KubernetesObject[], refuse: (what: string) => Error | null = () => null): Ports {
  const check = (what: string) => {
    const error = refuse(what);
    if (error !== null) throw error;
  };
  return {
    cluster: {
      get: async ({ kind, name, namespace }: ObjectKey) => {
        check(kind);
        return objects.find((object) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace) ?? null;
      },
      list: async ({ kind }: { readonly kind: string }, { namespace }: ListOptions) => {
        check(kind);
        return objects.filter((object) => object.kind === kind && object.metadata.namespace === namespace);
      },
    },
  };
}

async function statusAfter(processing = aProcessing(), ports = aCluster([deployment, replicaSet, pod('payment-api-6f7d-abcde', 4)]), at = now) {
  const { effects } = phase.decide(processing, await phase.observe(processing, ports, at), at);
  return effects.find((effect) => effect.kind === 'PatchStatus')?.status;
}

describe('enriching', () => {
  it.each<[string, Parameters<typeof aProcessing>[0], string, string]>([
    ['the labels name another cluster', { targetCluster: 'other' }, 'unknown_cluster', '"other"'],
    ['no label names a target', { target: undefined }, 'target_not_found', 'looked for kubernaut.io/target-kind'],
    ['the target has no namespace', { target: { kind: 'Deployment', name: 'payment-api' } }, 'target_not_found', 'exported_namespace'],
    ['the kind is none of ours', { target: { kind: 'Gateway', name: 'x', namespace: 'production' } }, 'target_not_found', 'kind "Gateway"'],
    ['the namespace is protected', { target: { kind: 'Deployment', name: 'coredns', namespace: 'kube-system' } }, 'protected_namespace', 'kube-system'],
    [
      'the target is gone',
      { target: { kind: 'Deployment', name: 'other', namespace: 'production' } },
      'target_not_found',
      'Deployment production/other does not exist',
    ],
  ])('fails when %s', async (_sentence, spec, reason, message) => {
    expect(await statusAfter(aProcessing(spec))).toMatchObject({ phase: 'failed', reason, message: expect.stringContaining(message) });
  });

  it('names the labels whose values are no Kubernetes names', async () => {
    const { alert } = aProcessing().spec;
    const processing = aProcessing({ target: undefined, alert: { ...alert, labels: { deployment: 'Payment API!' } } });
    expect(await statusAfter(processing)).toMatchObject({ message: expect.stringContaining('no Kubernetes name: deployment') });
  });

  it('resolves a pod to its deployment, and keeps the way', async () => {
    const status = await statusAfter(aProcessing({ target: { kind: 'Pod', name: 'payment-api-6f7d-abcde', namespace: 'production' } }));
    expect(status).toMatchObject({ phase: 'classifying', resolvedTarget: { kind: 'Deployment', name: 'payment-api', uid: 'd1' }, contextQuality: 'complete' });
    expect(status?.['resolvedTarget']).toHaveProperty('ownerChain', [
      expect.objectContaining({ kind: 'Pod' }),
      expect.objectContaining({ kind: 'ReplicaSet' }),
      expect.objectContaining({ kind: 'Deployment' }),
    ]);
  });

  it('resolves a pod that is gone by its ReplicaSet, only if that exists', async () => {
    const gone = aProcessing({ target: { kind: 'Pod', name: 'payment-api-6f7d-zzzzz', namespace: 'production' } });
    expect(await statusAfter(gone)).toMatchObject({ resolvedTarget: { kind: 'Deployment' } });
    expect(await statusAfter(gone, aCluster([deployment]))).toMatchObject({ reason: 'target_not_found' });
  });

  it('stops below an owner that is another object of its name', async () => {
    const stranger = { ...deployment, metadata: { ...deployment.metadata, uid: 'd2' } };
    const status = await statusAfter(
      aProcessing({ target: { kind: 'ReplicaSet', name: 'payment-api-6f7d', namespace: 'production' } }),
      aCluster([stranger, replicaSet]),
    );
    expect(status).toMatchObject({ resolvedTarget: { kind: 'ReplicaSet' } });
  });

  it('keeps a bare pod as it is', async () => {
    const bare = { ...pod('alone', 0), metadata: { name: 'alone', namespace: 'production', uid: 'p1' } };
    expect(await statusAfter(aProcessing({ target: { kind: 'Pod', name: 'alone', namespace: 'production' } }), aCluster([bare]))).toMatchObject({
      resolvedTarget: { kind: 'Pod', name: 'alone' },
    });
  });

  it('writes what an analysis needs, and no value of a ConfigMap', async () => {
    const status = await statusAfter();
    expect(status?.['kubernetesContext']).toMatchObject({
      workload: { replicas: 3, readyReplicas: 2, containers: [{ name: 'app', memoryLimit: '512Mi' }], configMaps: ['payment-config'] },
      pods: { total: 1, ready: 0, worst: [{ restarts: 4, lastTerminatedReason: 'OOMKilled', lastExitCode: 137, container: 'app' }] },
    });
  });

  it('goes on degraded when a source is refused, and says which and why', async () => {
    const ports = aCluster([deployment], (what) =>
      what === 'Event' ? new ApiError({ status: 403, reason: 'Forbidden', message: 'events is forbidden' }) : null,
    );
    expect(await statusAfter(aProcessing(), ports)).toMatchObject({
      phase: 'classifying',
      contextQuality: 'degraded',
      missing: [{ source: 'events', reason: 'events is forbidden' }],
    });
  });

  it('leaves trouble to the queue while there is time, and then goes on without', async () => {
    const ports = aCluster([deployment], (what) => (what === 'Event' ? new Error('timeout') : null));
    await expect(statusAfter(aProcessing(), ports)).rejects.toThrow('timeout');
    expect(await statusAfter(aProcessing(), ports, late)).toMatchObject({ contextQuality: 'degraded', missing: [{ source: 'events', reason: 'timeout' }] });
  });

  it('keeps the context within its bound, however much there is', async () => {
    const events = Array.from({ length: 300 }, (_, index): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e${index}`, namespace: 'production' },
      involvedObject: { kind: 'Pod', name: `payment-api-6f7d-${index}` },
      type: 'Warning',
      reason: 'BackOff',
      message: 'm'.repeat(2_000),
    }));
    const pods = Array.from({ length: 200 }, (_, index) => pod(`payment-api-6f7d-${index}`, index));
    const quotas = Array.from({ length: 40 }, (_, index): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: `q${index}`, namespace: 'production' },
      status: { hard: Object.fromEntries(Array.from({ length: 60 }, (__, key) => [`resource-${key}`, '1'])) },
    }));
    const status = await statusAfter(aProcessing(), aCluster([deployment, ...events, ...pods, ...quotas]));
    expect(jsonBytesOf(status?.['kubernetesContext'])).toBeLessThanOrEqual(contextBytesMax);
    expect(status?.['kubernetesContext']).toMatchObject({ workload: { name: 'payment-api' } });
  });

  it('reads nothing where the spec alone forbids it', async () => {
    const ports = aCluster([], () => new Error('read'));
    expect(await statusAfter(aProcessing({ target: { kind: 'Deployment', name: 'coredns', namespace: 'kube-system' } }), ports)).toMatchObject({
      reason: 'protected_namespace',
    });
  });
});
