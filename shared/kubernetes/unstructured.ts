/** A map of unknown members; never null. */
export type UnknownMap = Readonly<Record<string, unknown>>;

// Readers of objects whose shape nobody vouches for. What is absent, or of another type than the API documents, reads as absent:
// a decision is total, so bad cluster state must never become an exception.

export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let current = object;
  for (const key of path) {
    if (!isMap(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

export function numberAt(object: unknown, ...path: readonly string[]): number | null {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : null;
}

export function stringAt(object: unknown, ...path: readonly string[]): string | null {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : null;
}

/** Empty when absent. */
export function mapAt(object: unknown, ...path: readonly string[]): UnknownMap {
  const value = valueAt(object, ...path);
  return isMap(value) ? value : {};
}

/** Empty when absent. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** Members that are strings, as labels or a ConfigMap's data; others are left out. */
export function stringsAt(object: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const map = mapAt(object, ...path);
  return holdsStringsOnly(map) ? map : Object.fromEntries(Object.entries(map).filter((member): member is [string, string] => typeof member[1] === 'string'));
}

function holdsStringsOnly(map: UnknownMap): map is Readonly<Record<string, string>> {
  return Object.values(map).every((member) => typeof member === 'string');
}

function isMap(value: unknown): value is UnknownMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
