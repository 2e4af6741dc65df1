import type { Clock } from '../../shared/clock.ts';

/** Work that was begun, or that `track` is to begin. */
export type Work<T> = Promise<T> | (() => Promise<T>);

/**
 * A clock that may be virtual. Whatever does work on its own (an invocation, a controller's pass, the watcher's forwarding, a
 * node's run) is handed to `track`, so that virtual time jumps only when nothing is in flight. The real clock tracks nothing.
 */
export interface TrackedClock extends Clock {
  /**
   * Work that may sleep on the way (a pass that waits for a Retry-After, a call that races a timeout) is given as a function:
   * then its sleeps are known as its own, and while it sleeps it is not in flight. A promise is in flight until it settles.
   */
  track<T>(work: Work<T>): Promise<T>;
}
