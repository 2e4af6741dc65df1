import type { KubernetesObject } from '../api/object-ref.ts';
import type { ClusterReader } from '../kubernetes/ports.ts';
import type { BoundAction, TargetSnapshot } from './action.ts';

/** What `preconditions` wants beside the target, in the order that it expects: the objects of `context`, then those of each list. */
export async function readContext(
  action: Pick<BoundAction, 'context' | 'contextLists'>,
  target: TargetSnapshot,
  cluster: Pick<ClusterReader, 'get' | 'list'>,
): Promise<readonly (KubernetesObject | null)[]> {
  const objects = action.context(target).map((key) => cluster.get(key));
  const lists = action.contextLists(target).map(({ apiVersion, kind, namespace, limit }) => cluster.list({ apiVersion, kind }, { namespace, limit }));
  const [found, listed] = await Promise.all([Promise.all(objects), Promise.all(lists)]);
  return [...found, ...listed.flat()];
}
