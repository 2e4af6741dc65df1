import { isJsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { maskJson } from '../../../shared/api/text.ts';

/** A field that a change sets, alters or takes away; absent is null. */
export interface FieldChange {
  /** `spec.template.spec.containers[app].resources.limits.memory` */
  readonly field: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

/** What the API server itself writes, whatever is asked; and the status, which follows from the spec. */
const noise = [/^metadata\.(managedFields|resourceVersion|generation|uid|creationTimestamp|selfLink)\b/, /^status\b/, /^(kind|apiVersion)$/];

/** The fields in which two states of an object differ, in the order of their names. Values that look like secrets are masked. Pure. */
export function difference(before: JsonValue, after: JsonValue): readonly FieldChange[] {
  const [old, young] = [leavesOf(maskJson(before)), leavesOf(maskJson(after))];
  const fields = [...new Set([...old.keys(), ...young.keys()])].toSorted();
  return fields.flatMap((field) => {
    const change = { field, before: old.get(field) ?? null, after: young.get(field) ?? null };
    const isSame = JSON.stringify(change.before) === JSON.stringify(change.after);
    return isSame || noise.some((pattern) => pattern.test(field)) ? [] : [change];
  });
}

function leavesOf(value: JsonValue, path = ''): ReadonlyMap<string, JsonValue> {
  const members = membersOf(value);
  if (members === null) return new Map([[path, value]]);
  return new Map(members.flatMap(([name, member]) => [...leavesOf(member, `${path}${name}`)]).map(([field, leaf]) => [field.replace(/^\./, ''), leaf]));
}

/** Items of a list that have names are known by them: one that is put before another changes nothing else. Null: a leaf. */
function membersOf(value: JsonValue): readonly (readonly [string, JsonValue])[] | null {
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    return items.length === 0 ? null : items.map((item, index) => [`[${nameOf(item) ?? index}]`, item]);
  }
  if (!isJsonObject(value)) return null;
  const members = Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[keyOf(name), member] as const]));
  return members.length === 0 ? null : members;
}

function nameOf(item: JsonValue): string | null {
  const name = isJsonObject(item) ? item['name'] : undefined;
  return typeof name === 'string' ? name : null;
}

/** A key with dots (a label, a file in a ConfigMap) is no path. */
function keyOf(name: string): string {
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
