import type { Settings } from '../settings.ts';
import type { User } from './review.ts';

/** Is this the functions' own identity, under any of the names that the cluster has for it? */
export function isFunctions({ name, groups }: User, { functions }: Settings): boolean {
  return functions.users.includes(name) || groups.some((group) => functions.groups.includes(group));
}
