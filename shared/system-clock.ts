import { setTimeout as wait } from 'node:timers/promises';
import { instantFromMilliseconds } from './api/time.ts';
import type { Clock } from './clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => instantFromMilliseconds(Date.now()),
  milliseconds: () => Date.now(),
  sleep: (delayMilliseconds, signal) => wait(delayMilliseconds, undefined, signal === undefined ? {} : { signal }),
};
