import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { DefinitionSpec } from './crd-definition.ts';

/** The names with the defaults that the API fills in. */
export function acceptedNames({ names }: DefinitionSpec): JsonObject & { readonly singular: string; readonly listKind: string } {
  const { plural, kind, shortNames, categories } = names;
  return {
    plural,
    singular: names.singular ?? kind.toLowerCase(),
    kind,
    listKind: names.listKind ?? `${kind}List`,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
}

/** What the controllers of a kube-apiserver write after a moment: the names are free, the type is served. Here both are so at once. */
export function definitionStatus(spec: DefinitionSpec, object: KubernetesObject, old: KubernetesObject | null): JsonObject {
  const lastTransitionTime = old?.metadata.creationTimestamp ?? object.metadata.creationTimestamp;
  const condition = (type: string, reason: string, message: string): JsonObject => ({ type, status: 'True', lastTransitionTime, reason, message });
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: acceptedNames(spec),
    storedVersions: spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
  };
}
