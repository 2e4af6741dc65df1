import { once } from 'node:events';
import { argvOf, type Executor } from '../../infra/local/node/executor.ts';

/** An executor whose kubectl a test may keep from sending anything: as one that waits for an API server, while its Job runs. */
export interface HoldableExecutor {
  readonly around: (executor: Executor) => Executor;
  /** Whatever begins to act on that namespace from now on waits until it is released. */
  hold(namespace: string): void;
  release(namespace: string): void;
}

export function holdableExecutor(): HoldableExecutor {
  const held = new Map<string, AbortController>();
  const released = async (argv: readonly string[], signal: AbortSignal): Promise<void> => {
    const holding = [...held].find(([namespace]) => argv.includes(`--namespace=${namespace}`))?.[1].signal;
    if (holding === undefined || holding.aborted || signal.aborted) return;
    await once(AbortSignal.any([holding, signal]), 'abort');
  };
  return {
    around: (executor) => ({
      ...executor,
      async run(pod, log, signal) {
        await released(argvOf(pod), signal);
        return executor.run(pod, log, signal);
      },
    }),
    hold: (namespace) => void held.set(namespace, new AbortController()),
    release(namespace) {
      held.get(namespace)?.abort();
      held.delete(namespace);
    },
  };
}
