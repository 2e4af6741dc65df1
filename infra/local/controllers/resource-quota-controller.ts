import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { usedBy } from '../pod-usage.ts';
import type { Controller, ControllerKey } from './controller.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { isFinished, podKind, podSchema, type Pod } from './pod.ts';
import { resourceQuotaKind, resourceQuotaSchema, type ResourceQuota } from './resource-quota.ts';
import { keyOf, readObjects } from './stored-object.ts';
import type { Write } from './write.ts';

export interface Observed {
  readonly quotas: readonly ResourceQuota[];
  readonly pods: readonly Pod[];
}

/** Tells what a namespace's pods use of its quotas. What would be too much the API refuses by itself. */
export const resourceQuotaController: Controller<Observed> = {
  name: 'resourcequota-controller',
  watched: [resourceQuotaKind, podKind].map((kind) => ({ kind, keysOf: namespaceKey })),

  async observe(client, { namespace }) {
    const quotas = readObjects(resourceQuotaSchema, (await client.list(resourceQuotaKind, { namespace })).items);
    if (quotas.length === 0) return null;
    const pods = readObjects(podSchema, (await client.list(podKind, { namespace })).items);
    return { quotas, pods: pods.filter((pod) => !isFinished(pod)) };
  },

  decide: ({ quotas, pods }) => ({ writes: quotas.filter(({ spec }) => spec.scopes.length === 0).flatMap((quota) => statusWrite(quota, pods)) }),
};

function statusWrite(quota: ResourceQuota, pods: readonly Pod[]): readonly Write[] {
  const { hard } = quota.spec;
  const used = Object.keys(hard).map((resource) => [resource, usedBy(pods, resource)] as const);
  const after = { ...quota.status, hard, used: Object.fromEntries(used.filter(([, amount]) => amount !== null)) };
  const change = mergePatchBetween(quota.status as JsonObject, after as JsonObject);
  if (change === null) return [];
  return [{ kind: 'PatchObject', key: keyOf(quota), resourceVersion: quota.metadata.resourceVersion, subresource: 'status', patch: { status: change } }];
}

function namespaceKey({ metadata: { namespace = '' } }: KubernetesObject): readonly ControllerKey[] {
  return [{ namespace, name: 'quotas' }];
}
