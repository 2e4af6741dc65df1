import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';

/** RFC 7386: null removes, an object merges, everything else replaces. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(Object.entries(isJsonObject(target) ? target : {}));
  for (const [key, member] of Object.entries(patch)) {
    if (member === undefined) continue;
    if (member === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), member));
  }
  return Object.fromEntries(merged);
}

export function mergePatchObject(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = mergePatch(target, patch);
  return isJsonObject(merged) ? merged : {};
}
