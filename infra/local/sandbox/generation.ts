import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { jsonOf, withMetadata } from './object.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';

/** Kinds that never had a generation: they hold data, or their spec is no wish that somebody observes. */
const withoutGeneration = new Set([
  'configmaps',
  'secrets',
  'serviceaccounts',
  'events',
  'namespaces',
  'nodes',
  'resourcequotas',
  'limitranges',
  'services',
  'persistentvolumeclaims',
  'horizontalpodautoscalers.autoscaling',
  'leases.coordination.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
]);

export function hasGeneration(type: ResourceType): boolean {
  return !withoutGeneration.has(qualifiedName(type));
}

/** The generation counts the changes of what is wished for: everything but metadata, and but the status where that is written apart. */
export function withGeneration(type: ResourceType, object: KubernetesObject, old: KubernetesObject): KubernetesObject {
  if (!hasGeneration(type)) return object;
  const before = old.metadata.generation ?? 1;
  const generation = isDeepStrictEqual(wish(type, object), wish(type, old)) ? before : before + 1;
  return withMetadata(object, { generation });
}

/** Of a Deployment the annotations count too: they once were a part of its wish. */
function wish({ subresources, kind }: ResourceType, object: KubernetesObject): unknown {
  const { metadata: _metadata, status, ...rest } = jsonOf(object);
  const annotations = kind === 'Deployment' ? (object.metadata.annotations ?? {}) : {};
  return { ...rest, annotations, ...(!subresources.includes('status') && { status }) };
}
