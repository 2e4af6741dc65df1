import type { Clock } from '../../../shared/clock.ts';

/** The sentence names what was waited for, and how long. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

export interface Wait {
  readonly clock: Clock;
  /** `payment-api has 5 ready replicas` */
  readonly what: string;
  readonly secondsMax: number;
  readonly signal: AbortSignal;
}

const everyMilliseconds = 200;

/** Looks again until the condition holds. Throws TookTooLong, or the signal's reason. */
export async function waitUntil(condition: () => Promise<boolean>, { clock, what, secondsMax, signal }: Wait): Promise<void> {
  const end = clock.milliseconds() + secondsMax * 1_000;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (clock.milliseconds() >= end) throw new TookTooLong(`gave up after ${secondsMax} s of waiting until ${what}`);
    await clock.sleep(everyMilliseconds, signal);
  }
}
