import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Cause } from './extension.ts';
import { isDeleting, listAt, metadataOf, objectAt, stringAt } from './object.ts';

/** What holds for the metadata of every kind. `old` null: a create. */
export function metadataCauses(object: KubernetesObject, old: KubernetesObject | null): readonly Cause[] {
  const metadata = objectAt(object, 'metadata');
  return [
    ...mapCauses(metadata, 'labels', labelFault),
    ...mapCauses(metadata, 'annotations', () => null),
    ...ownerCauses(metadata),
    ...finalizerCauses(object, old),
  ];
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

function labelFault(value: string): string | null {
  if (value.length > 63) return 'must be no more than 63 characters';
  return labelValue.test(value)
    ? null
    : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
}

function mapCauses(metadata: JsonObject, member: 'labels' | 'annotations', fault: (value: string) => string | null): readonly Cause[] {
  const field = `metadata.${member}`;
  const map = metadata[member];
  if (map !== undefined && !isJsonObject(map)) return [invalidValue(field, map, 'is a map of strings')];
  return Object.entries(map ?? {}).flatMap(([key, value]): readonly Cause[] => {
    if (!qualifiedKey.test(key)) return [invalidValue(field, key, "name part must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix and '/'")];
    if (typeof value !== 'string') return [invalidValue(field, value ?? null, 'is a string')];
    const found = fault(value);
    return found === null ? [] : [invalidValue(field, value, found)];
  });
}

function ownerCauses(metadata: JsonObject): readonly Cause[] {
  const owners = listAt(metadata, 'ownerReferences');
  const missing = owners.flatMap((owner, position) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((member) => !isJsonObject(owner) || stringAt(owner, member) === '')
      .map((member): Cause => ({ reason: 'FieldValueRequired', message: `Required value: ${member} must not be empty`, field: `metadata.ownerReferences[${position}].${member}` })),
  );
  const controllers = owners.filter((owner) => isJsonObject(owner) && owner['controller'] === true);
  if (controllers.length < 2) return missing;
  return [...missing, { reason: 'FieldValueInvalid', message: 'Invalid value: only one reference can have controller set to true', field: 'metadata.ownerReferences' }];
}

/** A deletion that is under way waits for the finalizers that it found, and for no new one. */
function finalizerCauses(object: KubernetesObject, old: KubernetesObject | null): readonly Cause[] {
  const finalizers = listAt(metadataOf(object), 'finalizers');
  const unqualified = finalizers.filter((finalizer) => typeof finalizer !== 'string' || !qualifiedKey.test(finalizer));
  const wrong = unqualified.map((finalizer) => invalidValue('metadata.finalizers', finalizer, 'is a qualified name: example.com/reason'));
  if (old === null || !isDeleting(old)) return wrong;
  const added = finalizers.filter((finalizer) => !listAt(metadataOf(old), 'finalizers').includes(finalizer));
  if (added.length === 0) return wrong;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  return [...wrong, { reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }];
}

function invalidValue(field: string, value: unknown, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}
