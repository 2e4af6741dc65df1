import type { Clock } from '../../shared/clock.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { follow, type Notice } from './follow.ts';
import { forwardingsOf, watchedKinds } from './forward.ts';
import { createWatcherMetrics, type WatcherMetrics } from './metrics.ts';
import { createOutbox } from './outbox.ts';
import { troubleWords } from './trouble.ts';

export interface WatcherOptions {
  readonly transport: Transport;
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Clock;
  readonly cluster: string;
  readonly namespace: string;
  readonly random: () => number;
  /** Told of what an operator should see in the log. */
  readonly warn: (message: string, fields: Readonly<Record<string, string>>) => void;
  /** The local stack's clock tracks what is in flight; in a cluster there is nothing to track. */
  readonly track?: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface Watcher {
  readonly metrics: WatcherMetrics;
  readonly pendingCount: () => number;
  /** Ends the watches, then sends what is pending for at most ten seconds. */
  stop(): Promise<void>;
}

const drainMilliseconds = 10_000;

/** Lists and watches the five kinds and our Jobs, and forwards keys: it writes nothing in the cluster and remembers no object. */
export function startWatcher(options: WatcherOptions): Watcher {
  const { transport, queues, clock, cluster, namespace, random, warn, track = (work) => work() } = options;
  const metrics = createWatcherMetrics(
    clock,
    watchedKinds.map(({ kind }) => kind),
  );
  const outbox = createOutbox({
    queues,
    clock,
    track,
    sent: (queue, count) => {
      metrics.sent(queue, count);
    },
    failed: (queue, error) => {
      metrics.sendFailed(queue);
      warn('sending failed, retrying', { queue, error: String(error) });
    },
  });
  const stopping = new AbortController();
  const streams = watchedKinds.map((watched) =>
    follow(
      {
        transport,
        clock,
        namespace,
        watched,
        random,
        changed: (change, object) => outbox.put(forwardingsOf(change, object, cluster)),
        noticed: (notice: Notice) => {
          metrics.noticed(watched.kind, notice);
          if (notice.kind === 'trouble') warn('list or watch failed, retrying', { kind: watched.kind, ...troubleWords(notice.error) });
        },
      },
      stopping.signal,
    ),
  );
  return {
    metrics,
    pendingCount: outbox.pendingCount,
    async stop() {
      stopping.abort();
      const patience = new AbortController();
      const sent = new AbortController();
      const patienceEnds = clock.sleep(drainMilliseconds, sent.signal).then(
        () => patience.abort(),
        () => undefined, // everything was sent before
      );
      // A stream may wait for room in the outbox: it ends because the outbox drains, or gives up.
      const draining = outbox.drain(patience.signal);
      await Promise.allSettled(streams);
      await draining;
      await outbox.drain(patience.signal); // what the streams still put in
      sent.abort();
      await patienceEnds;
    },
  };
}
