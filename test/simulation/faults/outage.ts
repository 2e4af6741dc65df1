import type { TrackedClock } from '../../../infra/local/tracked-clock.ts';
import type { Fault } from './run.ts';

type Away = Extract<Fault, { readonly kind: 'away' }>;
export type Part = 'queue' | 'database' | 'API' | 'watcher' | 'sweeper';

export interface Outage {
  /** Told of every call that a function makes: the outage begins with one of them. */
  called(count: number): void;
  isAway(part: Part): boolean;
  /** True until it has begun and is over. */
  isToCome(): boolean;
  /** Aborted when the outage of this part begins. */
  readonly begins: AbortSignal;
  /** Milliseconds of the clock; null: there was none. */
  window(): { readonly from: number; readonly to: number } | null;
}

const parts: Readonly<Record<Away['what'], readonly Part[]>> = {
  queue: ['queue'],
  database: ['database'],
  API: ['API'],
  watcher: ['watcher'],
  'watcher killed': ['watcher'],
  sweeper: ['sweeper'],
  'sweeper and watcher': ['sweeper', 'watcher'],
};

export function createOutage(fault: Fault, clock: TrackedClock): Outage {
  const begins = new AbortController();
  let from: number | null = null;
  const lasts = fault.kind === 'away' ? fault.seconds * 1_000 : 0;
  const isOn = () => from !== null && clock.milliseconds() < from + lasts;
  return {
    begins: begins.signal,
    called(count) {
      if (fault.kind !== 'away' || from !== null || count < fault.call) return;
      from = clock.milliseconds();
      begins.abort();
    },
    isAway: (part) => fault.kind === 'away' && parts[fault.what].includes(part) && isOn(),
    isToCome: () => fault.kind === 'away' && (from === null || isOn()),
    window: () => (from === null ? null : { from, to: from + lasts }),
  };
}
