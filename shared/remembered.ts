import type { Clock } from './clock.ts';

/** What was read, for so long, by whoever asks; a read that failed is not remembered. */
export function remembered<Value>(milliseconds: number, clock: Pick<Clock, 'milliseconds'>, read: () => Promise<Value>): () => Promise<Value> {
  let known: { readonly value: Value; readonly until: number } | undefined;
  return async () => {
    const now = clock.milliseconds();
    if (known === undefined || now >= known.until) known = { value: await read(), until: now + milliseconds };
    return known.value;
  };
}
