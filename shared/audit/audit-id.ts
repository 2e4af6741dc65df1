import { canonicalJson, uuid5 } from '../api/digest.ts';

/** UUIDv5 over the parts in their order; a part cannot run into its neighbour. The database ignores a row whose id it has. */
export function auditId(parts: readonly string[]): string {
  return uuid5(canonicalJson(parts));
}
