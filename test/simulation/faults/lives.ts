import { AsyncLocalStorage } from 'node:async_hooks';
import type { AroundInvocation } from '../../../infra/local/stack/start-functions.ts';
import type { TrackedClock } from '../../../infra/local/tracked-clock.ts';
import type { Violation } from '../violation.ts';
import type { Counts, Fault } from './run.ts';

export class InvocationDied extends Error {
  override readonly name = 'InvocationDied';
}

/** One way out of an invocation. `job`: it creates a Job. */
export type Crossing = { readonly kind: 'read' | 'write' | 'send' | 'commit' | 'other'; readonly job?: boolean };

export interface Lives {
  readonly around: AroundInvocation;
  /** Every call to the outside goes through here: it is counted, and a dead invocation calls nobody any more. */
  cross<Answer>(crossing: Crossing, call: () => Promise<Answer>): Promise<Answer>;
  /** The function whose invocation this is; null outside of any. */
  current(): string | null;
  readonly counts: Counts;
  readonly violations: readonly Violation[];
  /** Virtual time of the death, once it has come. */
  diedAtMilliseconds(): number | null;
}

interface Life {
  readonly functionName: string;
  state: 'alive' | 'dead' | 'answered';
  hasActed: boolean;
  readonly die: (error: InvocationDied) => void;
}

export interface LivesOptions {
  readonly clock: TrackedClock;
  readonly fault: Fault;
  readonly timeoutSeconds: (functionName: string) => number;
  /** What a person does at the moment of the death. */
  readonly died: () => void;
}

/** Runs invocations one of which dies around the effect that the fault names: in the middle, without a word to the queue. */
export function createLives({ clock, fault, timeoutSeconds, died }: LivesOptions): Lives {
  const lives = new AsyncLocalStorage<Life>();
  const violations: Violation[] = [];
  const counts = { effects: 0, firstEffects: [] as number[], sends: 0, calls: [] as Counts['calls'], jobEffects: [] as number[] };
  let diedAt: number | null = null;

  function end(life: Life): never {
    const error = new InvocationDied(`around effect ${counts.effects}`);
    life.state = 'dead';
    diedAt = clock.milliseconds();
    died();
    life.die(error);
    throw error;
  }

  function count({ kind, job }: Crossing, life: Life): void {
    if (kind === 'read' || kind === 'write') counts.calls.push(life.functionName === 'sweeper' ? 'sweep' : kind);
    if (kind === 'send') counts.sends += 1;
    if (kind === 'read' || kind === 'other') return;
    counts.effects += 1;
    if (!life.hasActed) counts.firstEffects.push(counts.effects);
    life.hasActed = true;
    if (job === true) counts.jobEffects.push(counts.effects);
  }

  return {
    counts,
    violations,
    current: () => lives.getStore()?.functionName ?? null,
    diedAtMilliseconds: () => diedAt,
    async around(functionName, invoke) {
      const begun = clock.milliseconds();
      let die: Life['die'] = () => undefined;
      const death = new Promise<never>((_resolve, reject) => {
        die = reject;
      });
      const life: Life = { functionName, state: 'alive', hasActed: false, die };
      try {
        return await lives.run(life, () => Promise.race([invoke(), death]));
      } finally {
        if (life.state === 'alive') life.state = 'answered';
        const seconds = (clock.milliseconds() - begun) / 1_000;
        if (seconds > timeoutSeconds(functionName))
          violations.push({ check: 'a pass ends before its function', sentence: `${functionName} ran for ${seconds} s` });
      }
    },
    async cross(crossing, call) {
      const life = lives.getStore();
      if (life === undefined) return call();
      if (life.state === 'dead') throw new InvocationDied('before');
      if (life.state === 'answered') violations.push({ check: 'a pass ends before its function', sentence: `${life.functionName} calls after it answered` });
      const before = counts.effects;
      count(crossing, life);
      const isLast = fault.kind === 'death' && counts.effects === fault.effect && counts.effects > before;
      if (isLast && fault.moment === 'before') end(life);
      if (!isLast) return call();
      await call().catch(() => undefined);
      return end(life);
    },
  };
}
