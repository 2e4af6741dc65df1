import { addSeconds, secondsBetween, type Instant } from '../api/time.ts';

/** SQS delays a message by at most this; a longer wait re-arms in pieces. */
const waitSecondsMax = 900;
/** Nothing is asked again sooner: a wait of zero would be a loop. */
const waitSecondsMin = 5;

export function clampWaitSeconds(seconds: number): number {
  return Math.min(waitSecondsMax, Math.max(waitSecondsMin, Math.ceil(seconds)));
}

/** The delay of the timer for an instant that is still to come; the piece of it that one message can carry. */
export function untilSeconds(deadline: Instant, now: Instant): number {
  return clampWaitSeconds(secondsBetween(now, deadline));
}

export interface Doubling {
  readonly firstSeconds: number;
  readonly maxSeconds: number;
}

/**
 * The next wait of a series that doubles, told only by when the series began: 5, 10, 20 … need no counter in the status. A pass in the middle of
 * a wait (another cause woke it) gets the wait of that place in the series.
 */
export function doublingSeconds(since: Instant, now: Instant, { firstSeconds, maxSeconds }: Doubling): number {
  const elapsed = Math.max(0, secondsBetween(since, now));
  const waited = Math.floor(Math.log2(elapsed / firstSeconds + 1)); // after n waits first × (2^n − 1) seconds have passed
  return clampWaitSeconds(Math.min(maxSeconds, firstSeconds * 2 ** Math.min(waited, 30)));
}

/** Past a deadline that cannot be decided yet (a Job that still stops, a child that still ends): 30 s, doubling to 5 minutes. */
export function pastDeadlineSeconds(deadline: Instant, now: Instant): number {
  return doublingSeconds(deadline, now, { firstSeconds: 30, maxSeconds: 300 });
}

/** Before the deadline the rest of it, past it the doubling series. */
export function deadlineWaitSeconds(deadline: Instant, now: Instant): number {
  return secondsBetween(now, deadline) > 0 ? untilSeconds(deadline, now) : pastDeadlineSeconds(deadline, now);
}

/** Every tick from now to `until`, each `everySeconds` after the last, the last one at `until`; at most `ticksMax` of them. Armed at once, never chained. */
export function tickSeconds(
  now: Instant,
  until: Instant,
  { everySeconds, ticksMax }: { readonly everySeconds: number; readonly ticksMax: number },
): readonly number[] {
  const last = untilSeconds(until, now);
  const count = Math.min(ticksMax, Math.ceil(last / everySeconds)) - 1;
  const earlier = Array.from({ length: Math.max(0, count) }, (_, index) => (index + 1) * everySeconds);
  return [...earlier.filter((seconds) => seconds < last), last];
}

export function isPast(deadline: Instant, now: Instant, graceSeconds = 0): boolean {
  return secondsBetween(addSeconds(deadline, graceSeconds), now) >= 0;
}
