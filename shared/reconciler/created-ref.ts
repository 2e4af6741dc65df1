import type { JsonObject, JsonValue } from '../api/json.ts';
import type { ObjectRef } from '../api/object-ref.ts';
import { createdMark, type CreatedRef, type StatusPatch, type StatusValue } from './effect.ts';

/** What the creates of a decision returned, by the index of their effect. */
export type CreatedRefs = ReadonlyMap<number, ObjectRef>;

/** A decision refers to an effect that creates nothing, or comes later: a bug of the room. */
class NothingCreated extends Error {
  override readonly name = 'NothingCreated';
}

/** The patch as it is sent: every `created(n)` replaced by the reference that effect n returned, absent fields left out. */
export function fillCreated(patch: StatusPatch, refs: CreatedRefs): JsonObject {
  const members = Object.entries(patch).flatMap(([field, value]) => (value === undefined ? [] : [[field, fillValue(value, refs)] as const]));
  return Object.fromEntries(members);
}

function fillValue(value: StatusValue, refs: CreatedRefs): JsonValue {
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (isList(value)) return value.map((item) => fillValue(item, refs));
  return isCreatedRef(value) ? referenceOf(value, refs) : fillCreated(value, refs);
}

function referenceOf({ $created, fields }: CreatedRef, refs: CreatedRefs): JsonObject {
  const ref = refs.get($created);
  if (ref === undefined) throw new NothingCreated(`created(${$created}): no create before the patch has this index`);
  return Object.fromEntries(fields.map((field) => [field, ref[field]]).filter(([, member]) => member !== undefined));
}

function isList(value: StatusValue): value is readonly StatusValue[] {
  return Array.isArray(value);
}

function isCreatedRef(value: CreatedRef | StatusPatch): value is CreatedRef {
  return createdMark in value;
}
