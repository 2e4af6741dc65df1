/**
 * What @peculiar/x509's container asks of the reflect-metadata proposal, which no engine has: notes kept beside classes. It is
 * looked for when the library is loaded, so this module is imported before it.
 */
const notes = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const ofTarget = notes.get(target) ?? new Map<unknown, unknown>();
  notes.set(target, ofTarget.set(key, value));
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return notes.get(target)?.get(key);
}

/** A class inherits the notes of those that it extends. */
function getMetadata(key: unknown, target: object): unknown {
  const own = getOwnMetadata(key, target);
  const parent: unknown = Object.getPrototypeOf(target);
  return own === undefined && typeof parent === 'function' ? getMetadata(key, parent) : own;
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata, getMetadata, getOwnMetadata });
