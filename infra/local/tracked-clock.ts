import type { Clock } from '../../shared/clock.ts';

/**
 * A clock that may be virtual. Whatever does work on its own (an invocation, a controller's pass, the watcher's forwarding, a
 * node's run) is handed to `track`, so that virtual time jumps only when nothing is in flight. The real clock tracks nothing.
 */
export interface TrackedClock extends Clock {
  track<T>(work: Promise<T>): Promise<T>;
}
