import { setTimeout as wait } from 'node:timers/promises';
import { instantFromMilliseconds } from '../../shared/api/time.ts';
import type { TrackedClock, Work } from './tracked-clock.ts';

/** The machine's time. It does not jump, so it has nothing to keep count of. */
export function createRealClock(): TrackedClock {
  return {
    now: () => instantFromMilliseconds(Date.now()),
    milliseconds: () => Date.now(),
    sleep: sleepFor,
    track: (work) => startOf(work),
  };
}

const timerMillisecondsMax = 2 ** 31 - 1; // past it Node fires at once

async function sleepFor(delayMilliseconds: number, signal?: AbortSignal): Promise<void> {
  const due = Date.now() + delayMilliseconds;
  try {
    do {
      const rest = Math.min(Math.max(0, due - Date.now()), timerMillisecondsMax);
      await wait(rest, undefined, signal === undefined ? {} : { signal });
    } while (Date.now() < due);
  } catch (error) {
    signal?.throwIfAborted(); // the signal's own reason, where Node's timer would give its AbortError
    throw error;
  }
}

function startOf<T>(work: Work<T>): Promise<T> {
  return typeof work === 'function' ? work() : work;
}
