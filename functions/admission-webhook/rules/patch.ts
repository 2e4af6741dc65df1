import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { PatchOperation } from './decision.ts';

/** The operations that turn one object into the other. A list that changes its length is replaced as a whole. */
export function patchBetween(before: JsonObject, after: JsonObject): readonly PatchOperation[] {
  return differences(before, after, '');
}

function differences(before: JsonValue, after: JsonValue, path: string): readonly PatchOperation[] {
  if (before === after) return [];
  if (isJsonObject(before) && isJsonObject(after)) return membersOf(before, after, path);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return after.flatMap((item: JsonValue, index) => differences((before as readonly JsonValue[])[index] ?? null, item, `${path}/${index}`));
  }
  return [{ op: 'replace', path, value: after }];
}

function membersOf(before: JsonObject, after: JsonObject, path: string): readonly PatchOperation[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const old = own(before, key);
    const now = own(after, key);
    if (old === now) return [];
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (now === undefined) return [{ op: 'remove', path: at } as const];
    return old === undefined ? [{ op: 'add', path: at, value: now } as const] : differences(old, now, at);
  });
}

/** A key may be called `constructor`. */
function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
