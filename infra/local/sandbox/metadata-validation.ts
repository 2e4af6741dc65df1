import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { invalidValue } from './crd-causes.ts';
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

const labelPattern = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const labelValue = new RegExp(`^${labelPattern}$`);
const qualifiedKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

function labelFault(value: string): string | null {
  if (value.length > 63) return 'must be no more than 63 characters';
  return labelValue.test(value)
    ? null
    : `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelPattern}')`;
}

function mapCauses(metadata: JsonObject, member: 'labels' | 'annotations', fault: (value: string) => string | null): readonly Cause[] {
  const field = `metadata.${member}`;
  const map = metadata[member];
  if (map !== undefined && !isJsonObject(map)) return [invalidValue(field, map, 'is a map of strings')];
  return Object.entries(map ?? {}).flatMap(([key, value]): readonly Cause[] => {
    if (!qualifiedKey.test(key))
      return [invalidValue(field, key, "name part must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix and '/'")];
    if (typeof value !== 'string') return [invalidValue(field, value ?? null, 'is a string')];
    const found = fault(value);
    return found === null ? [] : [invalidValue(field, value, found)];
  });
}

function ownerCauses(metadata: JsonObject): readonly Cause[] {
  const field = 'metadata.ownerReferences';
  const owners = listAt(metadata, 'ownerReferences').filter(isJsonObject);
  const missing = owners.flatMap((owner) =>
    ownerMembers.flatMap(([member, words]) => (stringAt(owner, member) === '' ? [invalidValue(`${field}.${member}`, '', words)] : [])),
  );
  const controllers = owners.filter(({ controller }) => controller === true).map((owner) => `${stringAt(owner, 'kind')}/${stringAt(owner, 'name')}`);
  if (controllers.length < 2) return missing;
  const words = `Only one reference can have Controller set to true. Found "true" in references for ${controllers.slice(0, 2).join(' and ')}`;
  return [...missing, invalidValue(field, owners, words)];
}

const ownerMembers = [
  ['apiVersion', 'version must not be empty'],
  ['kind', 'must not be empty'],
  ['name', 'must not be empty'],
  ['uid', 'must not be empty'],
] as const;

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function isFinalizer(finalizer: JsonValue): boolean {
  return typeof finalizer === 'string' && (standardFinalizers.has(finalizer) || (finalizer.includes('/') && qualifiedKey.test(finalizer)));
}

/** A deletion that is under way waits for the finalizers that it found, and for no new one. */
function finalizerCauses(object: KubernetesObject, old: KubernetesObject | null): readonly Cause[] {
  const finalizers = listAt(metadataOf(object), 'finalizers');
  const wrong = finalizers.flatMap((finalizer, position) =>
    isFinalizer(finalizer)
      ? []
      : [invalidValue(`metadata.finalizers[${position}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
  );
  if (old === null || !isDeleting(old)) return wrong;
  const added = finalizers.filter((finalizer) => !listAt(metadataOf(old), 'finalizers').includes(finalizer));
  if (added.length === 0) return wrong;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  return [...wrong, { reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }];
}
