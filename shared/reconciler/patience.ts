import type { Clock } from '../clock.ts';
import { ApiError, isThrottled } from '../kubernetes/errors.ts';
import { millisecondsLeft } from '../time-left.ts';

const waitsMax = 10; // outside of an invocation no time runs out
const spareMilliseconds = 1_000; // what the call itself still needs after the wait

/** Repeats what the API server throttled (429) after its Retry-After, while the invocation has time; then the throttle is thrown. */
export async function patiently<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await call();
    } catch (error) {
      const waitMilliseconds = throttledFor(error);
      const isTooLong = waitMilliseconds === null || waitMilliseconds + spareMilliseconds > millisecondsLeft();
      if (isTooLong || waits === waitsMax) throw error;
      await clock.sleep(waitMilliseconds);
    }
  }
}

/** Null: no throttle. A server that names no time is asked again after a second. */
function throttledFor(error: unknown): number | null {
  if (!isThrottled(error)) return null;
  const seconds = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return (seconds ?? 1) * 1_000;
}
