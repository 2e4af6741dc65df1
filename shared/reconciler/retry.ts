import type { Environment } from '../environment.ts';

/** How a message comes back. `receivesMax` is the queue's redrive bound (serverless.yml): the receive of that number is the last. */
export interface RetrySettings {
  readonly receivesMax: number;
  readonly retryBaseSeconds: number;
  readonly retryMaxSeconds: number;
}

/** A message that is early, not wrong: it comes again, and on its last receive it is dropped, for nothing failed. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  /** Instead of the backoff. */
  readonly afterSeconds: number | undefined;

  constructor(message: string, afterSeconds?: number) {
    super(message);
    this.afterSeconds = afterSeconds;
  }
}

/**
 * Seconds until receive `receiveCount` + 1: base, twice base … up to the maximum. `random` (0 to 1) takes up to a quarter off, so that messages
 * which failed together do not come back together; the first receives still span what the backoff promises.
 */
export function retryDelaySeconds(receiveCount: number, { retryBaseSeconds, retryMaxSeconds }: RetrySettings, random: number): number {
  const doubled = retryBaseSeconds * 2 ** Math.min(Math.max(0, receiveCount - 1), 30);
  return Math.ceil(Math.min(doubled, retryMaxSeconds) * (1 - random / 4));
}

/** About four minutes; the sweeper brings the key back. serverless.yml says the same. */
export const kindReceivesMax = 8;

export function retrySettings(environment: Environment, receivesMax: number): RetrySettings {
  return { receivesMax, retryBaseSeconds: environment.KUBERNAUT_RETRY_BASE_SECONDS, retryMaxSeconds: environment.KUBERNAUT_RETRY_MAX_SECONDS };
}
