import type { KubernetesObject, ObjectRef } from '../api/object-ref.ts';
import type { ClusterReader, ObjectKey } from '../kubernetes/ports.ts';

/** What a reference with a uid means: that very object. One that was deleted and made again under the same name is gone. */
export async function getBound(cluster: Pick<ClusterReader, 'get'>, { apiVersion, kind, name, namespace, uid }: ObjectRef): Promise<KubernetesObject | null> {
  const found = await cluster.get({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) });
  return found?.metadata.uid === uid ? found : null;
}

/** The key of an object, without its uid. */
export function keyOf({ apiVersion, kind, metadata }: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): ObjectKey {
  return { apiVersion, kind, name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) };
}
