import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { canonicalJson } from '../../../shared/api/digest.ts';

/** The merge patch (RFC 7396) that makes `after` of `before`; null when there is nothing to change. */
export function mergePatchBetween(before: JsonObject, after: JsonObject): JsonObject | null {
  const patch: Record<string, JsonValue> = {};
  for (const key of Object.keys(before)) {
    if (before[key] !== undefined && after[key] === undefined) patch[key] = null;
  }
  for (const [key, wanted] of Object.entries(after)) {
    if (wanted === undefined) continue;
    const change = changeOf(before[key], wanted);
    if (change !== undefined) patch[key] = change;
  }
  return Object.keys(patch).length === 0 ? null : patch;
}

/** Undefined: none. Lists are replaced as a whole. */
function changeOf(before: JsonValue | undefined, wanted: JsonValue): JsonValue | undefined {
  if (isJsonObject(before) && isJsonObject(wanted)) return mergePatchBetween(before, wanted) ?? undefined;
  if (before !== undefined && canonicalJson(before) === canonicalJson(wanted)) return undefined;
  return wanted;
}
