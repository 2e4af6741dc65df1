import { setTimeout as wait } from 'node:timers/promises';
import { total, type WatcherProcess } from './watcher-process.ts';

/** What was seen of the watcher each second over all its lives. */
export interface WatcherRecord {
  /** Bytes of resident memory, one list for each life. */
  readonly memory: readonly (readonly number[])[];
  /** Keys that queues confirmed, as last seen of each life. */
  readonly forwarded: () => number;
  stop(): Promise<void>;
}

const everyMilliseconds = 1_000;

export function recordWatcher(watcher: WatcherProcess): WatcherRecord {
  const memory: number[][] = [[]];
  const forwarded: number[] = [0];
  const stopping = new AbortController();

  async function look(): Promise<void> {
    const figures = await watcher.figures();
    if (figures === null) return;
    const count = total(figures, 'kubernaut_watcher_forwarded_total');
    const isNewLife = count < (forwarded.at(-1) ?? 0);
    if (isNewLife) {
      memory.push([]);
      forwarded.push(0);
    }
    forwarded[forwarded.length - 1] = count;
    memory.at(-1)?.push(total(figures, 'process_resident_memory_bytes'));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look();
      await wait(everyMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    memory,
    forwarded: () => forwarded.reduce((sum, count) => sum + count, 0),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Bytes by which the last third of a life lies above its middle third; 0 for one that is too short to tell. */
export function growthOf(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  if (third < 5) return 0;
  return mean(samples.slice(2 * third)) - mean(samples.slice(third, 2 * third));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
