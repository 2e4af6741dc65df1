import type { WatchEvent } from '../../../shared/kubernetes/request.ts';

/** One watch's events between the commit that made them and the client that takes them. */
export interface EventStream {
  push(event: WatchEvent): void;
  /** What was pushed before is still delivered; then the iteration ends. */
  end(): void;
  /** Ends it without what is pending. */
  readonly discard: () => void;
  readonly events: AsyncIterable<WatchEvent>;
}

/** A client that lags this far behind is cut off, as a kube-apiserver does; it resumes from where it was. */
const pendingEventsMax = 16_384;

/** `closed` is called once: when the stream was ended, or when the client stopped iterating, whatever comes first. */
export function eventStream(closed: () => void): EventStream {
  const pending: WatchEvent[] = [];
  let ended = false;
  let wake: (() => void) | null = null;

  const signal = (): void => {
    wake?.();
    wake = null;
  };
  const end = (): void => {
    if (ended) return;
    ended = true;
    closed();
    signal();
  };
  const push = (event: WatchEvent): void => {
    if (ended) return;
    if (pending.length >= pendingEventsMax) return end();
    pending.push(event);
    signal();
  };
  const next = async (): Promise<IteratorResult<WatchEvent>> => {
    for (;;) {
      const event = pending.shift();
      if (event !== undefined) return { done: false, value: event };
      if (ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const discard = (): void => {
    pending.length = 0;
    end();
  };
  const stop = async (): Promise<IteratorResult<WatchEvent>> => {
    discard();
    return { done: true, value: undefined };
  };
  return { push, end, discard, events: { [Symbol.asyncIterator]: () => ({ next, return: stop }) } };
}
