import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { instantFromMilliseconds, millisecondsOf, type Instant } from '../../shared/api/time.ts';
import type { TrackedClock, Work } from './tracked-clock.ts';
import { createSleepers } from './virtual-sleepers.ts';

export interface VirtualClock extends TrackedClock {
  /**
   * Lets the world run until `until` holds: whenever nothing is in flight it is asked, and if it says no, time jumps to the
   * earliest sleeper, which is woken alone. Throws TimeStoodStill when nothing is due, or nothing within the limit.
   */
  run(until: () => boolean | Promise<boolean>, limit: { readonly virtualSeconds: number }): Promise<void>;
}

/** The story cannot reach its end. The message lists who sleeps until when. */
export class TimeStoodStill extends Error {
  override readonly name = 'TimeStoodStill';
}

/** A piece of tracked work. `asleep` counts the sleeps of its own and of what it tracked in turn. */
interface InFlight {
  readonly parent: InFlight | undefined;
  asleep: number;
}

const quietTurns = 12; // a promise chain, or PGlite's queue of queries, passes through a few turns of the event loop with nothing to show
const busyTurns = 1_000; // after these the work waits for the machine (a module to load, a file): look again each millisecond, and leave it the processor
const stuckTurns = 10_000; // ten seconds without one start, end or sleep: the work waits for time, and time for the work

/** A clock that stands still until `run` makes it jump. Same world, same order of events: one sleeper wakes at a time, ties in the order of arming. */
export function createVirtualClock({ start }: { readonly start: Instant }): VirtualClock {
  const sleepers = createSleepers();
  const current = new AsyncLocalStorage<InFlight>();
  const inFlight = new Set<InFlight>();
  let milliseconds = millisecondsOf(start);
  let activity = 0; // moves at every start, end and sleep, so that quiet can be told from busy
  let running = false;

  async function track<T>(work: Work<T>): Promise<T> {
    const entry: InFlight = { parent: current.getStore(), asleep: 0 };
    inFlight.add(entry);
    activity += 1;
    try {
      return await (typeof work === 'function' ? current.run(entry, work) : work);
    } finally {
      inFlight.delete(entry);
      activity += 1;
    }
  }

  async function sleep(delayMilliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const ownedBy = ancestry(current.getStore());
    for (const entry of ownedBy) entry.asleep += 1;
    activity += 1;
    try {
      await sleepers.arm(milliseconds + Math.max(0, delayMilliseconds), signal);
    } finally {
      for (const entry of ownedBy) entry.asleep -= 1;
      activity += 1;
    }
  }

  async function settle(): Promise<void> {
    let seen = activity;
    for (let quiet = 0; quiet < stuckTurns; quiet += 1) {
      await (quiet < busyTurns ? nextTurn() : wait(1));
      if (activity !== seen) quiet = 0;
      seen = activity;
      if (quiet >= quietTurns && [...inFlight].every(({ asleep }) => asleep > 0)) return;
    }
    throw new TimeStoodStill(
      `${inFlight.size} pieces of tracked work neither end nor sleep; work that sleeps is given to track as a function; ${sleepers.describe(milliseconds)}`,
    );
  }

  function jump(deadline: number, virtualSeconds: number): void {
    const due = sleepers.earliestDue();
    if (due === undefined) throw new TimeStoodStill('nothing is in flight and nobody sleeps: what the story waits for cannot happen any more');
    if (due > deadline) throw new TimeStoodStill(`not within ${virtualSeconds} virtual seconds; ${sleepers.describe(milliseconds)}`);
    milliseconds = Math.max(milliseconds, due);
    sleepers.wakeEarliest();
  }

  return {
    now: () => instantFromMilliseconds(milliseconds),
    milliseconds: () => milliseconds,
    sleep,
    track,
    async run(until, { virtualSeconds }) {
      if (running) throw new Error('the virtual clock runs already: one story, one run at a time');
      running = true;
      const deadline = milliseconds + virtualSeconds * 1_000;
      try {
        await settle();
        while (!(await until())) {
          jump(deadline, virtualSeconds);
          await settle();
        }
      } finally {
        running = false;
      }
    },
  };
}

function ancestry(entry: InFlight | undefined): readonly InFlight[] {
  return entry === undefined ? [] : [entry, ...ancestry(entry.parent)];
}
