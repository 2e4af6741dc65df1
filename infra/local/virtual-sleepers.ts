import { formatDuration } from '../../shared/api/time.ts';

export interface Sleepers {
  /** Resolves when woken; rejects with the signal's reason when that comes first. */
  arm(dueMilliseconds: number, signal: AbortSignal | undefined): Promise<void>;
  earliestDue(): number | undefined;
  /** Ties wake in the order of arming. */
  wakeEarliest(): void;
  describe(nowMilliseconds: number): string;
}

interface Sleeper {
  readonly dueMilliseconds: number;
  readonly armed: number;
  /** Its stack says who sleeps. */
  readonly origin: Error;
  readonly wake: () => void;
}

const describedMax = 10;

export function createSleepers(): Sleepers {
  const sleepers = new Set<Sleeper>(); // in the order of arming; a story has some dozens at a time, so a scan is enough
  let armedCount = 0;

  function earliest(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (first === undefined || sleeper.dueMilliseconds < first.dueMilliseconds) first = sleeper;
    }
    return first;
  }

  return {
    arm(dueMilliseconds, signal) {
      const origin = new Error('armed here');
      return new Promise((resolve, reject) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const sleeper: Sleeper = { dueMilliseconds, armed: (armedCount += 1), origin, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    earliestDue: () => earliest()?.dueMilliseconds,
    wakeEarliest: () => earliest()?.wake(),
    describe(nowMilliseconds) {
      const sorted = [...sleepers].toSorted((a, b) => a.dueMilliseconds - b.dueMilliseconds || a.armed - b.armed);
      const lines = sorted
        .slice(0, describedMax)
        .map((sleeper) => `  in ${formatDuration((sleeper.dueMilliseconds - nowMilliseconds) / 1_000)} ${callerOf(sleeper.origin)}`);
      return [`${sorted.length} sleepers:`, ...lines].join('\n');
    },
  };
}

/** The first frame outside of the clock. */
function callerOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').slice(1);
  return frames.find((frame) => !/virtual-(clock|sleepers)\.ts/.test(frame))?.trim() ?? 'of an unknown caller';
}
