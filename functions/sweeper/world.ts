import { KindName, kinds } from '../../shared/api/kinds.ts';
import { fieldManager, managedByLabel } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { QueueName, Queues } from '../../shared/queue/ports.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';

/** What one run looks at: everything of ours, as listed, and how full the queues are. */
export interface World {
  readonly resources: readonly KubernetesObject[];
  readonly leases: readonly KubernetesObject[];
  readonly jobs: readonly KubernetesObject[];
  readonly depths: ReadonlyMap<QueueName, number>;
}

const listMax = 5_000; // a day of retention at three requests a minute; what does not fit is older work, and comes in a later run

export async function readWorld(cluster: Pick<ClusterReader, 'list'>, queues: Pick<Queues, 'depth'>, namespace: string): Promise<World> {
  const ours = { namespace, labelSelector: `${managedByLabel}=${fieldManager}`, limit: listMax };
  const [leases, jobs, depths, ...lists] = await Promise.all([
    cluster.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, ours),
    cluster.list({ apiVersion: 'batch/v1', kind: 'Job' }, ours),
    readDepths(queues),
    // Not by label: a request made by hand has none.
    ...KindName.map((kind) => cluster.list({ apiVersion: kinds[kind].apiVersion, kind }, { namespace, limit: listMax })),
  ]);
  return { resources: lists.flat(), leases, jobs, depths };
}

async function readDepths(queues: Pick<Queues, 'depth'>): Promise<ReadonlyMap<QueueName, number>> {
  const names = KindName.map((kind) => kinds[kind].queue);
  return new Map(await Promise.all(names.map(async (name) => [name, await queues.depth(name)] as const)));
}
