import type { Clock } from '../../shared/clock.ts';
import type { QueueName, Queues } from '../../shared/queue/ports.ts';
import type { Forwarding } from './forward.ts';

export interface Outbox {
  /** Resolves at once while there is room; waits while a queue is away and too much is pending for it, so that the watch slows down instead of memory growing. */
  put(forwardings: readonly Forwarding[]): Promise<void>;
  readonly pendingCount: () => number;
  /** Resolves when all that is pending was sent; or at once when the signal aborts: then nobody waits for room any more, and the rest is left to the sweeper. */
  drain(signal: AbortSignal): Promise<void>;
}

export interface OutboxOptions {
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Clock;
  readonly sent: (queue: QueueName, count: number) => void;
  readonly failed: (queue: QueueName, error: unknown) => void;
  /** Work that must be finished before a virtual clock may jump. */
  readonly track: <T>(work: () => Promise<T>) => Promise<T>;
}

const pendingMax = 2_000; // for each queue, so that one that is away holds up no more than what goes to it; keys of about 200 bytes: 2 MB for all
const roundMax = 100; // ten batches of SQS: when one of them fails, no more than these are sent again
const retryBaseMilliseconds = 500;
const retryMaxMilliseconds = 30_000;

/**
 * Batches by being busy: what arrives while a send is under way leaves with the next one, so a quiet cluster waits for nothing and a
 * storm fills its batches. The same key twice in one batch is one message: a key says "look", not "what happened".
 */
export function createOutbox({ queues, clock, sent, failed, track }: OutboxOptions): Outbox {
  const pending = new Map<QueueName, Map<string, Forwarding>>();
  const sending = new Map<QueueName, Promise<void>>();
  const waiting = new Set<() => void>();
  const stop = new AbortController();
  const isFull = ({ queue }: Forwarding) => (pending.get(queue)?.size ?? 0) >= pendingMax;
  const pendingCount = () => [...pending.values()].reduce((sum, keys) => sum + keys.size, 0);

  async function flush(queue: QueueName): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      const batch = [...(pending.get(queue) ?? [])].slice(0, roundMax);
      if (batch.length === 0) return;
      try {
        await queues.send(
          queue,
          batch.map(([, { message }]) => ({ body: message })),
        );
        sent(queue, batch.length);
        settle(queue, batch);
        failures = 0;
      } catch (error) {
        failed(queue, error);
        await clock.sleep(Math.min(retryMaxMilliseconds, retryBaseMilliseconds * 2 ** failures), stop.signal).catch(() => undefined);
        failures = Math.min(failures + 1, 10);
      }
    }
  }

  /** A key that changed again while its send was under way is another forwarding by now, and stays for the next round. */
  function settle(queue: QueueName, batch: readonly (readonly [string, Forwarding])[]): void {
    const keys = pending.get(queue);
    for (const [key, forwarding] of batch) {
      if (keys?.get(key) === forwarding) keys.delete(key);
    }
    resumeAll();
  }

  function resumeAll(): void {
    for (const resume of waiting) resume();
    waiting.clear();
  }

  function start(queue: QueueName): void {
    if (sending.has(queue)) return;
    const flushing = track(() => flush(queue)).finally(() => {
      sending.delete(queue);
      // What arrived between the last look and this line found a send under way and started none.
      if ((pending.get(queue)?.size ?? 0) > 0 && !stop.signal.aborted) start(queue);
    });
    sending.set(queue, flushing);
  }

  return {
    async put(forwardings) {
      for (const forwarding of forwardings) {
        const keys = pending.get(forwarding.queue) ?? new Map<string, Forwarding>();
        pending.set(forwarding.queue, keys);
        keys.set(`${forwarding.message.namespace}/${forwarding.message.name}`, forwarding);
        start(forwarding.queue);
      }
      while (forwardings.some(isFull) && !stop.signal.aborted) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    pendingCount,
    async drain(signal) {
      const giveUp = () => {
        stop.abort();
        resumeAll();
      };
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      // A send that ended while another key came in has begun the next one.
      while (sending.size > 0) await Promise.allSettled(sending.values());
      signal.removeEventListener('abort', giveUp);
    },
  };
}
