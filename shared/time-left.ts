import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';

/** The work of this invocation has no time left: a call that is not begun cannot be cut in the middle. The queue brings the message back. */
export class TimeIsOver extends Error {
  override readonly name = 'TimeIsOver';
}

const callMillisecondsMin = 100; // a call that would be cut sooner than this is not worth its connection

interface End {
  readonly clock: Clock;
  readonly milliseconds: number;
}

/** Carried by the asynchronous context, as Go carries a deadline in its context: two invocations in one process do not share it. */
const ends = new AsyncLocalStorage<End>();

/** Runs the work so that every call inside of it, however deep, gets a timeout that lies before the end (milliseconds of the clock). */
export function endingBy<T>(clock: Clock, endMilliseconds: number, work: () => Promise<T>): Promise<T> {
  return ends.run({ clock, milliseconds: endMilliseconds }, work);
}

/** What is left for the work at hand; Infinity outside of `endingBy`. */
export function millisecondsLeft(): number {
  const end = ends.getStore();
  return end === undefined ? Number.POSITIVE_INFINITY : end.milliseconds - end.clock.milliseconds();
}

/** The timeout of the next call: `atMost`, or what is left when that is less. Throws TimeIsOver when nothing worth a call is left. */
export function callTimeoutMilliseconds(atMost: number): number {
  const left = millisecondsLeft();
  if (left < callMillisecondsMin) throw new TimeIsOver(`${Math.max(0, Math.floor(left))} ms are left, a call needs at least ${callMillisecondsMin}`);
  return Math.min(atMost, left);
}
