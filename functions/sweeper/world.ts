import { KindName, kinds } from '../../shared/api/kinds.ts';
import { fieldManager, managedByLabel } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { QueueName, Queues } from '../../shared/queue/ports.ts';
import type { ClusterPages } from '../../shared/kubernetes/ports.ts';
import { essenceOf } from './read.ts';

/** What one run looks at: everything of ours, as listed, and how full the queues are. */
export interface World {
  readonly resources: readonly KubernetesObject[];
  readonly leases: readonly KubernetesObject[];
  readonly jobs: readonly KubernetesObject[];
  /** A queue that would not say is missing. */
  readonly depths: ReadonlyMap<QueueName, number>;
  /** Every resource is here. If not, one that is missing may well exist, and nothing may be concluded from its absence. */
  readonly isComplete: boolean;
}

const pageSize = 50; // the transport takes 64 MiB of an answer, and an object of ours may reach 1 MiB
const pagesMax = 200; // 10,000 of a kind: more than two days at three requests a minute, and some seconds of a run

type Pages = Pick<ClusterPages, 'listPage'>;

/**
 * Locks and Jobs first, then the resources that they belong to: whatever holds a lock or made a Job was there before it, so that it cannot be
 * missing from a list that is read after.
 */
export async function readWorld(cluster: Pages, queues: Pick<Queues, 'depth'>, namespace: string): Promise<World> {
  const ours = { namespace, labelSelector: `${managedByLabel}=${fieldManager}` };
  const [leases, jobs] = await Promise.all([
    readAll(cluster, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, ours),
    readAll(cluster, { apiVersion: 'batch/v1', kind: 'Job' }, ours),
  ]);
  // Not by label: a request made by hand has none.
  const lists = await Promise.all(KindName.map((kind) => readAll(cluster, { apiVersion: kinds[kind].apiVersion, kind }, { namespace })));
  return {
    resources: lists.flatMap(({ objects }) => objects),
    leases: leases.objects,
    jobs: jobs.objects,
    depths: await readDepths(queues),
    isComplete: lists.every(({ isWhole }) => isWhole),
  };
}

interface Listed {
  readonly objects: readonly KubernetesObject[];
  /** Nothing was left out for want of room. */
  readonly isWhole: boolean;
}

async function readAll(
  cluster: Pages,
  kind: Parameters<Pages['listPage']>[0],
  within: { readonly namespace: string; readonly labelSelector?: string },
): Promise<Listed> {
  const objects: KubernetesObject[] = [];
  let from: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { items, next } = await cluster.listPage(kind, { ...within, limit: pageSize, from });
    objects.push(...items.map(essenceOf));
    if (next === null) return { objects, isWhole: true };
    from = next;
  }
  return { objects, isWhole: false };
}

async function readDepths(queues: Pick<Queues, 'depth'>): Promise<ReadonlyMap<QueueName, number>> {
  const names = KindName.map((kind) => kinds[kind].queue);
  const depths = await Promise.allSettled(names.map(async (name) => [name, await queues.depth(name)] as const));
  return new Map(depths.flatMap((depth) => (depth.status === 'fulfilled' ? [depth.value] : [])));
}
