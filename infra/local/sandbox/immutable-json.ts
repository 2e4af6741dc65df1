import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';

/** What this module has copied and frozen: such a value is shared, never copied again. */
const settled = new WeakSet<object>();

/**
 * A deeply frozen copy without undefined members, as if it had gone over the wire. Every stored object and every answer is one, so
 * that whoever holds it can neither change the store nor be surprised by it.
 */
export function immutableJson(value: JsonObject): JsonObject;
export function immutableJson(value: JsonValue): JsonValue;
export function immutableJson(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null || settled.has(value)) return value;
  const copy = isJsonObject(value) ? copyOfObject(value) : value.map((item) => immutableJson(item ?? null));
  settled.add(copy);
  return Object.freeze(copy);
}

function copyOfObject(object: JsonObject): JsonObject {
  const copy: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(object)) {
    if (member !== undefined) define(copy, key, immutableJson(member));
  }
  return copy;
}

/** `__proto__` is a key like any other in JSON; an assignment would set the prototype. */
function define(copy: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
  else copy[key] = value;
}

/** The same without null members of objects: a built-in kind takes null for absent. */
export function withoutNulls(value: JsonObject): JsonObject;
export function withoutNulls(value: JsonValue): JsonValue;
export function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutNulls(item));
  if (!isJsonObject(value)) return value;
  const present = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(present.map(([key, member]) => [key, withoutNulls(member ?? null)]));
}
