import { compareQuantities, parseQuantity } from '../../../shared/actions/quantity.ts';
import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { usedBy, type MeasuredPod } from '../pod-usage.ts';
import { listAt, objectAt, stringAt } from './object.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { admissionDenied } from './status-object.ts';

/** A pod that would exceed a quota of its namespace is refused, and so is one that does not say what it needs of what is bounded. */
export function refuseBeyondQuota({ store }: ServerContext, type: ResourceType, pod: KubernetesObject): void {
  if (qualifiedName(type) !== 'pods') return;
  const { name, namespace } = pod.metadata;
  for (const quota of store.list('', 'resourcequotas', namespace)) {
    const hard = objectAt(objectAt(quota, 'spec'), 'hard');
    if (listAt(objectAt(quota, 'spec'), 'scopes').length > 0) continue; // those bound but a part of the pods, which nobody here asks for
    const unsaid = unsaidBy(pod, hard);
    if (unsaid !== '') throw admissionDenied(type, name, `failed quota: ${quota.metadata.name}: must specify ${unsaid}`);
    const present = store.list('', 'pods', namespace).filter(counts).map(measured);
    const beyond = Object.keys(hard)
      .toSorted()
      .map((resource) => ({ resource, asked: usedBy([measured(pod)], resource), used: usedBy(present, resource), limit: stringAt(hard, resource) }))
      .filter(({ resource, limit }) => isBeyond(usedBy([...present, measured(pod)], resource), limit));
    if (beyond.length === 0) continue;
    const told = (member: 'asked' | 'used' | 'limit') => beyond.map((each) => `${each.resource}=${each[member] ?? ''}`).join(',');
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${told('asked')}, used: ${told('used')}, limited: ${told('limit')}`;
    throw admissionDenied(type, name, why);
  }
}

function isBeyond(amount: string | null, limit: string): boolean {
  const [used, max] = [parseQuantity(amount ?? ''), parseQuantity(limit)];
  return used !== null && max !== null && compareQuantities(used, max) > 0;
}

/** `limits.memory for: app; requests.cpu for: app,sidecar` */
function unsaidBy(pod: KubernetesObject, hard: JsonObject): string {
  const containers = listAt(objectAt(pod, 'spec'), 'containers').filter(isJsonObject);
  const sentences = Object.keys(hard)
    .toSorted()
    .flatMap((resource) => {
      const [, side = 'requests', name = ''] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
      if (name === '') return [];
      const silent = containers.filter((container) => objectAt(objectAt(container, 'resources'), side)[name] === undefined);
      return silent.length === 0 ? [] : [`${resource} for: ${silent.map((container) => stringAt(container, 'name')).join(',')}`];
    });
  return sentences.join('; ');
}

function counts(pod: KubernetesObject): boolean {
  return !['Succeeded', 'Failed'].includes(stringAt(objectAt(pod, 'status'), 'phase'));
}

function measured(pod: KubernetesObject): MeasuredPod {
  const containers = listAt(objectAt(pod, 'spec'), 'containers').filter(isJsonObject);
  return { spec: { containers: containers.map((container) => ({ resources: resourcesOf(objectAt(container, 'resources')) })) } };
}

function resourcesOf(resources: JsonObject): MeasuredPod['spec']['containers'][number]['resources'] {
  const texts = (side: string) => Object.fromEntries(Object.entries(objectAt(resources, side)).map(([name, amount]) => [name, String(amount as string)]));
  return { requests: texts('requests'), limits: texts('limits') };
}
