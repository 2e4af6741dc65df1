import type { JsonObject } from '../api/json.ts';

export interface Reading {
  /** What a recommendation calls it → what the step calls it. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Information only. `restore` is dropped for every action: it belongs to undo. */
  readonly dropped?: readonly string[];
}

/**
 * Parameters of a recommendation as those of the step. What is neither renamed nor dropped stays, so that the schema refuses it by name:
 * a misspelt parameter must not vanish. A renamed value wins over one that already has the step's name.
 */
export function stepParameters(parameters: JsonObject, { renamed = {}, dropped = [] }: Reading): JsonObject {
  const kept = Object.entries(parameters).filter(([key]) => key !== 'restore' && !dropped.includes(key) && !Object.hasOwn(renamed, key));
  const moved = Object.entries(renamed).flatMap(([from, to]) => (Object.hasOwn(parameters, from) ? [[to, parameters[from]] as const] : []));
  return Object.fromEntries([...kept, ...moved]);
}
