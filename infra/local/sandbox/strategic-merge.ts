import { canonicalJson } from '../../../shared/api/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { isReplacedWhole, listMergeOf, type ListMerge } from './merge-keys.ts';
import { badRequest, StatusError } from './status-object.ts';

/**
 * A merge patch that knows the kind: lists of named things are merged by their key, and directives say what a merge cannot
 * (`$patch: delete | replace`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`).
 */
export function strategicMerge(kind: string, current: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject({ kind, place: '' }, current, patch);
}

interface Spot {
  readonly kind: string;
  /** `spec.template.spec.containers`: members only, no positions. */
  readonly place: string;
}

function mergeObject(spot: Spot, current: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`$patch: ${JSON.stringify(directive)} at ${spot.place}: use delete, replace or merge`);
  const merged = new Map(Object.entries(retained(current, patch)));
  for (const [member, change] of Object.entries(patch)) {
    if (change === undefined || member.startsWith('$')) continue;
    if (change === null) merged.delete(member);
    else merged.set(member, mergeMember(within(spot, member), merged.get(member), { change, ...listDirectives(patch, member) }));
  }
  applyLoneDirectives(spot, merged, patch);
  return Object.fromEntries(merged);
}

function within({ kind, place }: Spot, member: string): Spot {
  return { kind, place: place === '' ? member : `${place}.${member}` };
}

/** `$retainKeys` lists every member that may stay. */
function retained(current: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch['$retainKeys'];
  return Array.isArray(keys) ? Object.fromEntries(Object.entries(current).filter(([member]) => keys.includes(member))) : current;
}

interface ListDirectives {
  readonly order: readonly JsonValue[];
  readonly deleted: readonly JsonValue[];
}

function listDirectives(patch: JsonObject, member: string): ListDirectives {
  const order = patch[`$setElementOrder/${member}`];
  const deleted = patch[`$deleteFromPrimitiveList/${member}`];
  return { order: Array.isArray(order) ? order : [], deleted: Array.isArray(deleted) ? deleted : [] };
}

/** A list may be reordered, or lose scalars, without a new value for it in the patch. */
function applyLoneDirectives(spot: Spot, merged: Map<string, JsonValue | undefined>, patch: JsonObject): void {
  for (const directive of Object.keys(patch)) {
    const member = /^\$(?:setElementOrder|deleteFromPrimitiveList)\/(.+)$/.exec(directive)?.[1];
    const current = member === undefined ? undefined : merged.get(member);
    if (member === undefined || patch[member] !== undefined || !Array.isArray(current)) continue;
    merged.set(member, mergeMember(within(spot, member), current, { change: [], ...listDirectives(patch, member) }));
  }
}

function mergeMember(spot: Spot, current: JsonValue | undefined, { change, order, deleted }: ListDirectives & { readonly change: JsonValue }): JsonValue {
  if (isJsonObject(change)) {
    return isJsonObject(current) && !isReplacedWhole(spot.kind, spot.place) ? mergeObject(spot, current, change) : mergeObject(spot, {}, change);
  }
  const merge = listMergeOf(spot.kind, spot.place);
  if (!Array.isArray(change) || merge === undefined) return change;
  const list: readonly JsonValue[] = Array.isArray(current) ? current : [];
  const merged = merge.kind === 'set' ? mergeSet(list, change, deleted) : mergeByKey(spot, merge.key, { list, change });
  const named = change.filter((item) => !isJsonObject(item) || item['$patch'] === undefined);
  return ordered(merge, { before: list, merged, asked: order.length > 0 ? order : named });
}

function mergeSet(list: readonly JsonValue[], change: readonly JsonValue[], deleted: readonly JsonValue[]): readonly JsonValue[] {
  const kept = list.filter((item) => !deleted.includes(item));
  return [...kept, ...change.filter((item) => !kept.includes(item))];
}

function mergeByKey(
  spot: Spot,
  key: string,
  { list, change }: { readonly list: readonly JsonValue[]; readonly change: readonly JsonValue[] },
): readonly JsonValue[] {
  const items = change.map((item) => {
    if (!isJsonObject(item)) throw badRequest(`${spot.place}: ${JSON.stringify(item)} is no object with ${key}`);
    return item;
  });
  if (items.some((item) => item['$patch'] === 'replace')) return items.filter((item) => item['$patch'] === undefined).map(withoutDirectives);
  return items.reduce((merged, item) => mergeItem(spot, key, { merged, item }), list);
}

function mergeItem(spot: Spot, key: string, { merged, item }: { readonly merged: readonly JsonValue[]; readonly item: JsonObject }): readonly JsonValue[] {
  const value = item[key];
  if (value === undefined)
    throw new StatusError({ code: 500, reason: '', message: `${spot.place}: ${JSON.stringify(item)} does not contain declared merge key: ${key}` }); // a kube-apiserver's own answer
  const isSame = (other: JsonValue): boolean => isJsonObject(other) && other[key] === value;
  if (item['$patch'] === 'delete') return merged.filter((other) => !isSame(other));
  const position = merged.findIndex(isSame);
  const current = merged[position];
  return isJsonObject(current) ? merged.with(position, mergeObject(spot, current, item)) : [...merged, mergeObject(spot, {}, item)];
}

interface Merged {
  readonly before: readonly JsonValue[];
  readonly merged: readonly JsonValue[];
  /** What the patch names, in its order. */
  readonly asked: readonly JsonValue[];
}

/**
 * What the patch names comes in the patch's order. The others keep theirs, and come in front of the next named item only where
 * they stood in front of it before: so a new item is put first, as a kube-apiserver does.
 */
function ordered(merge: ListMerge, { before, merged, asked }: Merged): readonly JsonValue[] {
  const identity = (item: JsonValue): string => canonicalJson(merge.kind === 'byKey' && isJsonObject(item) ? (item[merge.key] ?? null) : item);
  const [places, wanted] = [before.map(identity), asked.map(identity)];
  const isNamed = (item: JsonValue): boolean => wanted.includes(identity(item));
  const named = [...new Set(wanted)].flatMap((key) => merged.filter((item) => identity(item) === key));
  const others = merged.filter((item) => !isNamed(item)).toSorted((a, b) => places.indexOf(identity(a)) - places.indexOf(identity(b)));
  const isBefore = (other: JsonValue, item: JsonValue): boolean =>
    places.includes(identity(item)) && places.indexOf(identity(other)) < places.indexOf(identity(item));
  const woven: JsonValue[] = [];
  let taken = 0;
  for (const item of named) {
    for (let other = others[taken]; other !== undefined && isBefore(other, item); other = others[taken]) {
      woven.push(other);
      taken += 1;
    }
    woven.push(item);
  }
  return [...woven, ...others.slice(taken)];
}

/** What a directive replaces is taken as it stands, without the directive and without nulls, which mean "remove". */
function withoutDirectives(patch: JsonObject): JsonObject {
  const members = Object.entries(patch).filter(([member, value]) => !member.startsWith('$') && value !== null);
  return Object.fromEntries(members.map(([member, value]) => [member, isJsonObject(value) ? withoutDirectives(value) : value]));
}
