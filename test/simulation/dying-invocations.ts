import { AsyncLocalStorage } from 'node:async_hooks';
import type { AroundInvocation } from '../../infra/local/stack/start-functions.ts';
import type { TrackedClock } from '../../infra/local/tracked-clock.ts';
import type { Weather } from './weather.ts';

export class InvocationDied extends Error {
  override readonly name = 'InvocationDied';
}

export interface Invocations {
  readonly around: AroundInvocation;
  /** Every call to the outside goes through here: a dead invocation calls nobody any more. */
  reach<Answer>(call: () => Promise<Answer>): Promise<Answer>;
  /** Functions that took longer than the cloud would let them. */
  readonly overruns: readonly string[];
}

interface Life {
  calls: number;
  /** The call in which it dies; Infinity for most. */
  readonly diesAt: number;
  /** Whether that last call still goes out. */
  readonly lastWords: boolean;
  isDead: boolean;
  readonly die: (error: InvocationDied) => void;
}

const callsMax = 14; // a pass makes about a dozen calls, so that a death falls anywhere between its effects

/** Lets invocations die as a machine does: in the middle, without a word to the queue, and nothing that was to follow happens. */
export function dyingInvocations(weather: Weather, clock: TrackedClock, timeoutSeconds: (functionName: string) => number): Invocations {
  const lives = new AsyncLocalStorage<Life>();
  const overruns: string[] = [];
  return {
    overruns,
    async around(functionName, invoke) {
      const begun = clock.milliseconds();
      let die: Life['die'] = () => undefined;
      const death = new Promise<never>((_resolve, reject) => {
        die = reject;
      });
      const dies = weather.strikes(weather.severity / 2);
      const diesAt = dies ? 1 + Math.floor(weather.draw() * callsMax) : Number.POSITIVE_INFINITY;
      const life: Life = { calls: 0, diesAt, lastWords: dies && weather.draw() < 0.5, isDead: false, die };
      try {
        return await lives.run(life, () => Promise.race([invoke(), death]));
      } finally {
        const seconds = (clock.milliseconds() - begun) / 1_000;
        if (seconds > timeoutSeconds(functionName)) overruns.push(`${functionName} ran for ${seconds} s`);
      }
    },
    async reach(call) {
      const life = lives.getStore();
      if (life === undefined) return call();
      life.calls += 1;
      if (!life.isDead && life.calls < life.diesAt) return call();
      const isLast = !life.isDead;
      life.isDead = true;
      if (isLast && life.lastWords) await call().catch(() => undefined);
      const error = new InvocationDied(`in call ${life.calls}`);
      life.die(error);
      throw error;
    },
  };
}
