import type { Effect } from '../../shared/reconciler/effect.ts';

/** The same effects with others before the first of a kind; at the end where there is none. A `created(n)` before that place stays valid. */
export function insertBefore(effects: readonly Effect[], kind: Effect['kind'], inserted: readonly Effect[]): readonly Effect[] {
  const found = effects.findIndex((effect) => effect.kind === kind);
  const index = found < 0 ? effects.length : found;
  return [...effects.slice(0, index), ...inserted, ...effects.slice(index)];
}
