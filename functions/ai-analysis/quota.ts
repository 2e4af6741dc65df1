import { formatMemory, parseQuantity, type Quantity } from '../../shared/actions/quantity.ts';
import type { AnalysisSpec } from '../../shared/api/ai-analysis.ts';
import { readKubernetesContext, type ContainerContext, type QuotaContext } from '../../shared/api/kubernetes-context.ts';
import { scalingOf, type KnownCall } from './calls.ts';

/** What a quota may bound of one container, as far as the snapshot has it. `memory` and `cpu` alone mean requests. */
const perContainer: Readonly<Record<string, (container: ContainerContext) => string | undefined>> = {
  'requests.memory': ({ memoryRequest, memoryLimit }) => memoryRequest ?? memoryLimit,
  memory: ({ memoryRequest, memoryLimit }) => memoryRequest ?? memoryLimit,
  'limits.memory': ({ memoryLimit }) => memoryLimit,
  'requests.cpu': ({ cpuRequest, cpuLimit }) => cpuRequest ?? cpuLimit,
  cpu: ({ cpuRequest, cpuLimit }) => cpuRequest ?? cpuLimit,
  'limits.cpu': ({ cpuLimit }) => cpuLimit,
};
const podCounts = ['pods', 'count/pods'];

/** Why the namespace has no room for the pods that would be added, which the API would never make; null when it has, or nobody can tell. Pure. */
export function quotaFault(calls: readonly KnownCall[], { target, kubernetesContext }: AnalysisSpec, quotas: readonly QuotaContext[]): string | null {
  const added = calls.filter(({ action }) => action.target.namespace === target.namespace).map((call) => ({ call, pods: addedPods(call) }));
  const containers = readKubernetesContext(kubernetesContext)?.workload.containers ?? [];
  const ofTarget = added.filter(({ call: { action } }) => action.target.kind === target.kind && action.target.name === target.name);
  const demands: readonly (readonly [resource: string, wanted: Quantity | null])[] = [
    ...podCounts.map((resource) => [resource, quantityOf(sum(added))] as const),
    ...Object.entries(perContainer).map(([resource, figure]) => [resource, times(sum(ofTarget), containers.map(figure))] as const),
  ];
  for (const quota of quotas) {
    for (const [resource, wanted] of demands) {
      const room = roomFor(resource, quota);
      if (wanted !== null && room !== null && wanted > 0n && wanted > room) return sentence(quota, resource, { wanted, room });
    }
  }
  return null;
}

const nano = 1_000_000_000n;

function quantityOf(count: number): Quantity {
  return BigInt(count) * nano;
}

function addedPods(call: KnownCall): number {
  const scaling = scalingOf(call);
  return scaling === null ? 0 : Math.max(0, scaling.wanted - scaling.current);
}

function sum(added: readonly { readonly pods: number }[]): number {
  return added.reduce((total, { pods }) => total + pods, 0);
}

/** Null: a container does not say, or there is none. */
function times(pods: number, figures: readonly (string | undefined)[]): Quantity | null {
  const quantities = figures.map((figure) => (figure === undefined ? null : parseQuantity(figure)));
  const known = quantities.filter((quantity) => quantity !== null);
  if (known.length === 0 || known.length < quantities.length) return null;
  return known.reduce((total, quantity) => total + quantity, 0n) * BigInt(pods);
}

/** Null: this quota does not bound it. */
function roomFor(resource: string, { hard, used }: QuotaContext): Quantity | null {
  const limit = Object.hasOwn(hard, resource) ? parseQuantity(hard[resource] ?? '') : null;
  if (limit === null) return null;
  const left = limit - (parseQuantity(used[resource] ?? '0') ?? 0n);
  return left > 0n ? left : 0n;
}

function sentence({ name }: QuotaContext, resource: string, { wanted, room }: { readonly wanted: Quantity; readonly room: Quantity }): string {
  return `quota ${name} has room for ${amount(resource, room)} of ${resource}, ${amount(resource, wanted)} more are wanted`;
}

function amount(resource: string, quantity: Quantity): string {
  if (resource.endsWith('memory')) return formatMemory(quantity);
  return resource.endsWith('cpu') ? `${quantity / 1_000_000n}m` : String(quantity / nano);
}
