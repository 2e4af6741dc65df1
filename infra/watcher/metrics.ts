import type { Clock } from '../../shared/clock.ts';
import type { QueueName } from '../../shared/queue/ports.ts';
import type { Notice } from './follow.ts';

export interface WatcherMetrics {
  noticed(kind: string, notice: Notice): void;
  sent(queue: QueueName, count: number): void;
  sendFailed(queue: QueueName): void;
  /** Prometheus text format 0.0.4. */
  render(process: ProcessFigures): string;
  /** Null when well; else a sentence a stream: what is wrong and since when. */
  illness(): string | null;
  /** Null once every kind was listed; else which were not. */
  unreadiness(): string | null;
}

/** What the streams do not know of themselves. */
export interface ProcessFigures {
  readonly pendingCount: number;
  /** Resident; absent: several things share the process. */
  readonly memoryBytes?: number;
}

const unwellAfterMilliseconds = 600_000; // two silences and a relist: by then a stream is not just slow

interface Stream {
  lastAliveMilliseconds: number;
  lists: number;
  troubles: number;
  readonly reopened: Record<'ended' | 'expired' | 'silent', number>;
}

/** Counters as Prometheus wants them, and the health that a probe asks for. */
export function createWatcherMetrics(clock: Clock, kinds: readonly string[]): WatcherMetrics {
  const streams = new Map<string, Stream>(
    kinds.map((kind) => [kind, { lastAliveMilliseconds: clock.milliseconds(), lists: 0, troubles: 0, reopened: { ended: 0, expired: 0, silent: 0 } }]),
  );
  const sentCounts = new Map<QueueName, number>();
  const failedCounts = new Map<QueueName, number>();
  return {
    noticed(kind, notice) {
      const stream = streams.get(kind);
      if (stream === undefined) return;
      if (notice.kind === 'trouble') stream.troubles += 1;
      else if (notice.kind === 'reopened') stream.reopened[notice.why] += 1;
      if (notice.kind === 'listed') stream.lists += 1;
      if (isSignOfLife(notice)) stream.lastAliveMilliseconds = clock.milliseconds();
    },
    sent: (queue, count) => void sentCounts.set(queue, (sentCounts.get(queue) ?? 0) + count),
    sendFailed: (queue) => void failedCounts.set(queue, (failedCounts.get(queue) ?? 0) + 1),
    render: ({ pendingCount, memoryBytes }) =>
      [
        family(
          'kubernaut_watcher_lists_total',
          'counter',
          'Fresh lists.',
          [...streams].map(([kind, { lists }]) => [`kind="${kind}"`, lists]),
        ),
        family(
          'kubernaut_watcher_troubles_total',
          'counter',
          'Lists and watches that failed.',
          [...streams].map(([kind, { troubles }]) => [`kind="${kind}"`, troubles]),
        ),
        family(
          'kubernaut_watcher_reopened_total',
          'counter',
          'Watches opened anew, by cause.',
          [...streams].flatMap(([kind, { reopened }]) => Object.entries(reopened).map(([why, count]): Sample => [`kind="${kind}",cause="${why}"`, count])),
        ),
        family(
          'kubernaut_watcher_last_event_seconds',
          'gauge',
          'Seconds since anything came, bookmarks included.',
          [...streams].map(([kind, { lastAliveMilliseconds }]) => [`kind="${kind}"`, (clock.milliseconds() - lastAliveMilliseconds) / 1_000]),
        ),
        family(
          'kubernaut_watcher_forwarded_total',
          'counter',
          'Keys that a queue confirmed.',
          [...sentCounts].map(([queue, count]) => [`queue="${queue}"`, count]),
        ),
        family(
          'kubernaut_watcher_send_failures_total',
          'counter',
          'Sends that failed and are retried.',
          [...failedCounts].map(([queue, count]) => [`queue="${queue}"`, count]),
        ),
        family('kubernaut_watcher_pending', 'gauge', 'Keys that wait to be sent.', [['', pendingCount]]),
        // By the name that every process has in Prometheus.
        family('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', memoryBytes === undefined ? [] : [['', memoryBytes]]),
      ].join(''),
    illness() {
      const ill = [...streams].filter(([, { lastAliveMilliseconds }]) => clock.milliseconds() - lastAliveMilliseconds > unwellAfterMilliseconds);
      return ill.length === 0 ? null : ill.map(([kind]) => `${kind}: nothing came for more than ${unwellAfterMilliseconds / 60_000} minutes`).join('; ');
    },
    unreadiness() {
      const unlisted = [...streams].filter(([, { lists }]) => lists === 0);
      return unlisted.length === 0 ? null : unlisted.map(([kind]) => `${kind}: not listed yet`).join('; ');
    },
  };
}

/** A server that ends a watch in due form is there, even if nothing changed and it sends no bookmarks. */
function isSignOfLife(notice: Notice): boolean {
  return notice.kind === 'listed' || notice.kind === 'alive' || (notice.kind === 'reopened' && notice.why === 'ended');
}

type Sample = readonly [labels: string, value: number];

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
