import { AsyncLocalStorage } from 'node:async_hooks';
import type { TrackedClock } from '../tracked-clock.ts';

export interface WorkQueue {
  /** A key that is already waiting waits on: the pass will see the latest state. */
  add(key: string): void;
  /** The earliest delay asked for a key holds. */
  addAfter(key: string, delayMilliseconds: number): void;
  /** Drops what waits and resolves when the pass under way has ended. */
  stop(): Promise<void>;
}

export interface WorkQueueOptions {
  readonly clock: TrackedClock;
  /** How many keys are looked at at once, each by one pass at most; 1 unless told otherwise: then the same world gives the same order of writes. */
  readonly workers?: number;
  /** Looks at the key's state and brings it forward. Throws to be asked again later. */
  readonly pass: (key: string) => Promise<void>;
  /** Told of each failed pass, before it is tried again. */
  readonly failed: (key: string, error: unknown) => void;
}

const retryBaseMilliseconds = 200;
const retryMaxMilliseconds = 30_000;

/** Keys in the order of their coming. */
export function createWorkQueue({ clock, workers = 1, pass, failed }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<string>();
  const timers = new Map<string, { readonly dueMilliseconds: number; readonly abort: AbortController }>();
  const failures = new Map<string, number>();
  const detached = AsyncLocalStorage.snapshot(); // a pass that arms a timer does not wait for it, and whoever adds a key does not wait for its pass
  let draining: Promise<void> | undefined;
  let stopped = false;

  function add(key: string): void {
    if (stopped) return;
    waiting.add(key);
    draining ??= detached(() => clock.track(drain));
  }

  async function drain(): Promise<void> {
    await Promise.resolve(); // what comes in one go is seen by one pass
    do await beginAll(waiting, workers, begin);
    while (waiting.size > 0); // what came after its last look
    draining = undefined;
  }

  async function begin(key: string): Promise<string> {
    waiting.delete(key); // what comes for this key from now on is seen by its next pass
    timers.get(key)?.abort.abort();
    timers.delete(key);
    await tryPass(key);
    return key;
  }

  async function tryPass(key: string): Promise<void> {
    try {
      await pass(key);
      failures.delete(key);
    } catch (error) {
      if (stopped) return;
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      failed(key, error);
      addAfter(key, Math.min(retryBaseMilliseconds * 2 ** count, retryMaxMilliseconds));
    }
  }

  function addAfter(key: string, delayMilliseconds: number): void {
    if (stopped) return;
    const dueMilliseconds = clock.milliseconds() + delayMilliseconds;
    const before = timers.get(key);
    if (before !== undefined && before.dueMilliseconds <= dueMilliseconds) return;
    before?.abort.abort();
    const abort = new AbortController();
    timers.set(key, { dueMilliseconds, abort });
    detached(() => clock.sleep(delayMilliseconds, abort.signal)).then(
      () => {
        timers.delete(key);
        add(key);
      },
      () => undefined, // aborted: an earlier timer, or a pass, took its place
    );
  }

  return {
    add,
    addAfter,
    async stop() {
      stopped = true;
      waiting.clear();
      for (const { abort } of timers.values()) abort.abort();
      timers.clear();
      await draining;
    },
  };
}

/** Begins what waits until nothing does, so many at once. A key that is in its pass waits for the end of that, whoever else is free. */
async function beginAll(waiting: ReadonlySet<string>, workers: number, begin: (key: string) => Promise<string>): Promise<void> {
  const passes = new Map<string, Promise<string>>();
  const fill = () => {
    for (const key of waiting) {
      if (passes.size === workers) return;
      if (!passes.has(key)) passes.set(key, begin(key));
    }
  };
  for (fill(); passes.size > 0; fill()) passes.delete(await Promise.race(passes.values()));
}
