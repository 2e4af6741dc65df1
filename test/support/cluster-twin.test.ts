import { describe, expect, it } from 'vitest';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { remediationProcessingDefinition } from '../../shared/api/remediation-processing.ts';
import { createCluster } from '../../shared/kubernetes/cluster.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { Cluster, ObjectKey } from '../../shared/kubernetes/ports.ts';
import { eventObject } from '../../shared/reconciler/event-object.ts';
import { clusterTwin } from './cluster-twin.ts';
import { now, parsed } from './kernel.ts';
import { aProcessing } from './processings.ts';
import { aWorld } from './sandbox.ts';

// What the kernel's tests believe of the API, asked of both: a rule that only the twin keeps proves nothing.

const namespace = 'kubernaut-system';
const fresh: KubernetesObject = {
  apiVersion: 'remediation.kubernaut.io/v1',
  kind: 'RemediationProcessing',
  metadata: { name: 'rr-1-processing', namespace },
  spec: aProcessing().spec,
};
const key: ObjectKey = { apiVersion: fresh.apiVersion, kind: fresh.kind, name: 'rr-1-processing', namespace };
const lease: KubernetesObject = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'target-1', namespace, finalizers: ['kubernaut.io/unrecorded'] },
  spec: { holderIdentity: 'rr-1' },
};
const leaseKey: ObjectKey = { apiVersion: lease.apiVersion, kind: 'Lease', name: 'target-1', namespace };

async function sandboxCluster(): Promise<Cluster> {
  const { transport } = aWorld();
  const cluster = createCluster({ transport, namespace, timeoutMilliseconds: () => 5_000 });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await cluster.create(customResourceDefinition(remediationProcessingDefinition) as unknown as KubernetesObject);
  return cluster;
}

/** 'ok', null, or how the API refused. */
async function said(call: Promise<unknown>): Promise<string | null> {
  try {
    return (await call) === null ? null : 'ok';
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.reason}`;
    throw error;
  }
}

type Story = (cluster: Cluster) => Promise<unknown>;

const versionOf = (object: KubernetesObject | null) => object?.metadata.resourceVersion ?? '';
const uidOf = (object: KubernetesObject | null) => object?.metadata.uid ?? '';
const patched =
  (status: JsonObject): Story =>
  async (cluster) => {
    const made = await cluster.create(fresh);
    const after = await cluster.patchStatus(key, status, versionOf(made));
    return { status: after['status'], moved: versionOf(after) !== versionOf(made), generation: after.metadata.generation };
  };

const stories: readonly [sentence: string, story: Story, told: unknown][] = [
  ['an absent object reads as null', (cluster) => said(cluster.get(key)), null],
  ['a taken name', async (cluster) => [await said(cluster.create(fresh)), await said(cluster.create(fresh))], ['ok', '409 AlreadyExists']],
  ['a create drops the status', async (cluster) => (await cluster.create({ ...fresh, status: { phase: 'completed' } }))['status'], undefined],
  ['a status patch moves the version and not the generation', patched({ phase: 'enriching' }), { status: { phase: 'enriching' }, moved: true, generation: 1 }],
  [
    'a patch that changes nothing moves nothing',
    async (cluster) => {
      const made = await cluster.create(fresh);
      const once = await cluster.patchMetadata(key, { labels: { a: 'b' }, resourceVersion: versionOf(made) });
      const twice = await cluster.patchMetadata(key, { labels: { a: 'b' }, resourceVersion: versionOf(once) });
      return [versionOf(once) === versionOf(made), versionOf(twice) === versionOf(once)];
    },
    [false, true],
  ],
  [
    'a stale version in a status patch and in a metadata patch',
    async (cluster) => {
      const made = await cluster.create(fresh);
      await cluster.patchStatus(key, { phase: 'enriching' }, versionOf(made));
      return [
        await said(cluster.patchStatus(key, { phase: 'classifying' }, versionOf(made))),
        await said(cluster.patchMetadata(key, { labels: { a: 'b' }, resourceVersion: versionOf(made) })),
      ];
    },
    ['409 Conflict', '409 Conflict'],
  ],
  [
    'a patch of what is gone',
    async (cluster) => [await said(cluster.patchStatus(key, {}, '1')), await said(cluster.patchMetadata(key, { labels: {} }))],
    ['404 NotFound', '404 NotFound'],
  ],
  [
    'a null removes, a list replaces',
    async (cluster) => {
      const made = await cluster.create(fresh);
      const once = await cluster.patchStatus(key, { phase: 'enriching', reason: 'x', missing: [{ source: 'a', reason: 'b' }] }, versionOf(made));
      return (await cluster.patchStatus(key, { reason: null, missing: [] }, versionOf(once)))['status'];
    },
    { phase: 'enriching', missing: [] },
  ],
  [
    'a metadata patch that names another uid',
    async (cluster) => {
      await cluster.create(fresh);
      return said(cluster.patchMetadata(key, { labels: { a: 'b' }, uid: 'another' }));
    },
    '422 Invalid',
  ],
  [
    'a delete bound to another uid, then to its own, then of what is gone',
    async (cluster) => {
      const made = await cluster.create({ ...lease, metadata: { name: 'target-1', namespace } });
      const remove = (uid: string) => said(cluster.delete(leaseKey, { uid, propagationPolicy: 'Background' }).then(() => 'done'));
      return [await remove('another'), await remove(uidOf(made)), await remove(uidOf(made)), await said(cluster.get(leaseKey))];
    },
    ['409 Conflict', 'ok', 'ok', null],
  ],
  [
    'a finalizer holds a deletion until it is taken off',
    async (cluster) => {
      const made = await cluster.create(lease);
      await cluster.delete(leaseKey, { uid: uidOf(made), propagationPolicy: 'Background' });
      const held = await cluster.get(leaseKey);
      await cluster.patchMetadata(leaseKey, { finalizers: [], uid: uidOf(made) });
      return [held?.metadata.deletionTimestamp === undefined, await said(cluster.get(leaseKey))];
    },
    [false, null],
  ],
  [
    'one that was deleted and made again has another uid',
    async (cluster) => {
      const free = { ...lease, metadata: { name: 'target-1', namespace } };
      const made = await cluster.create(free);
      await cluster.delete(leaseKey, { uid: uidOf(made), propagationPolicy: 'Background' });
      return uidOf(await cluster.create(free)) === uidOf(made);
    },
    false,
  ],
  [
    'an Event of ours, twice',
    async (cluster) => {
      const resource = parsed(await cluster.create(fresh));
      const event = eventObject({ kind: 'EmitEvent', type: 'Normal', reason: 'Started', message: 'it begins' }, resource, now);
      return [await said(cluster.create(event)), await said(cluster.create(event))];
    },
    ['ok', '409 AlreadyExists'],
  ],
];

describe.each([
  ['the twin', async () => clusterTwin()],
  ['the sandbox', sandboxCluster],
] as const)('%s', (_name, clusterOf) => {
  it.each(stories)('%s', async (_sentence, story, told) => {
    expect(await story(await clusterOf())).toEqual(told);
  });
});
