import type { Instant } from './api/time.ts';

/**
 * The one source of time and of waiting. Production gives the machine's; stories give a virtual one that jumps to the next
 * due moment when nothing is in flight, so nothing in the product may call Date.now() or setTimeout() past this port.
 */
export interface Clock {
  /** Whole seconds, RFC 3339 in UTC, as Kubernetes writes its times. */
  now(): Instant;
  /** For durations and deadlines of calls; since the epoch. */
  milliseconds(): number;
  /** Resolves after the delay; rejects with the signal's reason when it is aborted first. */
  sleep(delayMilliseconds: number, signal?: AbortSignal): Promise<void>;
}
