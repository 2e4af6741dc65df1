import type { JsonObject } from '../api/json.ts';

/** `restore` lifts the limits on growth, because the values stood there before: only an undo that was captured knows that, and it never stands in a definition. */
export function restoreFault(field: string, parameters: JsonObject): string | null {
  if (parameters['restore'] === undefined) return null;
  return `${field}.restore: is set by an undo only, which takes back what kubernaut itself has changed: leave it out`;
}
