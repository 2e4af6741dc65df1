import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import type { ResourceType } from './resource-types.ts';

/** Which objects a list or a watch is about: by namespace (undefined: all), labels and fields. Throws a 400 on a selector that cannot be read. */
export function selectionOf(type: ResourceType, namespace: string | undefined, query: Readonly<Record<string, string>>): (object: KubernetesObject) => boolean {
  const labels = parseLabelSelector(query['labelSelector']);
  const fields = parseFieldSelector(type, query['fieldSelector']);
  return (object) => (namespace === undefined || object.metadata.namespace === namespace) && labels(object.metadata.labels ?? {}) && fields(object);
}
