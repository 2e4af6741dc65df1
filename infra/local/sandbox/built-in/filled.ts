import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';

/** The object with what it lacks taken from the defaults; objects within it are filled the same way, lists are left as they are. */
export function filled(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).map(([member, value]) => [member, filledMember(object[member], value)] as const);
  return { ...object, ...Object.fromEntries(missing) };
}

function filledMember(value: JsonValue | undefined, byDefault: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined) return byDefault;
  return isJsonObject(value) && isJsonObject(byDefault) ? filled(value, byDefault) : value;
}

/** The object with one member changed, where it is there. */
export function mapped(object: JsonObject, member: string, change: (value: JsonObject) => JsonObject): JsonObject {
  const value = object[member];
  return isJsonObject(value) ? { ...object, [member]: change(value) } : object;
}

/** The object with every object of a list changed, where the list is there. */
export function mappedItems(object: JsonObject, member: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const value = object[member];
  if (!Array.isArray(value)) return object;
  return { ...object, [member]: value.map((item: JsonValue) => (isJsonObject(item) ? change(item) : item)) };
}
