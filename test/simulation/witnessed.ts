import type { PlayOptions } from '../../infra/local/story/play-on-virtual-clock.ts';
import { followChanges } from '../../infra/local/story/observe.ts';
import type { StoryStack } from '../../infra/local/stack/story-stack.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { check } from './checkers.ts';
import { eventsAreTold } from './events-told.ts';
import { sentenceOf, violationsOf } from './violation.ts';
import { createWitness } from './witness.ts';

export interface Witnessed {
  /** What lets the witness see a story that is played on a virtual clock. */
  readonly options: Pick<PlayOptions, 'beforeServe' | 'disturb' | 'prepare'>;
  /** What of all that must hold at the end of any story does not hold, as sentences. */
  violations(stack: StoryStack): Promise<readonly string[]>;
}

/** The simulation's witness and checkers for a story on a good day: nothing fails, and nothing may be missing. */
export function witnessed(): Witnessed {
  const world: { admin: Transport | null } = { admin: null };
  const witness = createWitness(() => {
    if (world.admin === null) throw new Error('the stack has not started yet');
    return world.admin;
  });
  const watching = new AbortController();
  return {
    options: {
      beforeServe: witness.beforeServe,
      disturb: (calm) => ({
        ...calm,
        queues: {
          ...calm.queues,
          // Nothing is lost here: what is sent is heard, and the send takes no longer than without a witness.
          send(queue, messages) {
            for (const message of messages) witness.heard(queue, message);
            return calm.queues.send(queue, messages);
          },
        },
      }),
      async prepare({ admin }) {
        world.admin = admin;
        void followChanges(admin, witness.changed, watching.signal);
      },
    },
    async violations(stack) {
      watching.abort();
      const found = [...(await check(stack, witness)), ...violationsOf('Events are told once', await eventsAreTold(stack.admin))];
      return found.map(sentenceOf);
    },
  };
}
