import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { forbiddenField, invalidValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt } from '../object.ts';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod is placed and shaped once. Its node is given by `POST pods/<name>/binding`. */
export function podUpdateCauses(spec: JsonObject, old: JsonObject): readonly Cause[] {
  if (isDeepStrictEqual(fixedPart(spec, old), old)) return [...deadlineCauses(spec, old), ...tolerationCauses(spec, old)];
  const changed = Object.keys({ ...old, ...spec }).filter((member) => !isDeepStrictEqual(fixedPart(spec, old)[member], old[member]));
  return [forbiddenField('spec', `pod updates may not change fields other than ${updatable}; changed: ${changed.join(', ')}`)];
}

/** A deadline may come, and come nearer; it neither goes nor moves away. */
function deadlineCauses({ activeDeadlineSeconds: after }: JsonObject, { activeDeadlineSeconds: before }: JsonObject): readonly Cause[] {
  if (typeof before !== 'number') return [];
  const field = 'spec.activeDeadlineSeconds';
  if (after === undefined) return [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  return typeof after === 'number' && after > before ? [invalidValue(field, after, 'must be less than or equal to previous value')] : [];
}

/** The spec with what may change put back. */
function fixedPart(spec: JsonObject, old: JsonObject): JsonObject {
  const withImages = (member: string): JsonValue | undefined => {
    const before = listAt(old, member);
    return spec[member] === undefined ? undefined : listAt(spec, member).map((container, position) => withImageOf(before[position], container));
  };
  const restored = {
    ...spec,
    containers: withImages('containers'),
    initContainers: withImages('initContainers'),
    activeDeadlineSeconds: old['activeDeadlineSeconds'],
    tolerations: old['tolerations'],
  };
  return Object.fromEntries(Object.entries(restored).filter(([, value]) => value !== undefined));
}

function withImageOf(before: JsonValue | undefined, container: JsonValue): JsonValue {
  return isJsonObject(before) && isJsonObject(container) ? { ...container, image: before['image'] } : container;
}

function tolerationCauses(spec: JsonObject, old: JsonObject): readonly Cause[] {
  const now = listAt(spec, 'tolerations');
  const isKept = (toleration: JsonValue): boolean => now.some((other) => isDeepStrictEqual(other, toleration));
  return listAt(old, 'tolerations').every(isKept)
    ? []
    : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}
