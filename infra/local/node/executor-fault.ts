import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { Pod } from '../controllers/pod.ts';
import type { Executor } from './executor.ts';

/**
 * What befalls the executor pods of a node, by its annotation `sandbox.kubernaut.io/executors`: their manifest is the product's, so a story cannot write
 * on them what it writes on other pods. `image-pull-fails`: none ever begins. `hang`: each begins, and runs until it is ended.
 */
export const ExecutorFault = ['image-pull-fails', 'hang'] as const;
export type ExecutorFault = (typeof ExecutorFault)[number];

export function executorFaultOf({ metadata }: KubernetesObject): ExecutorFault | null {
  const said = metadata.annotations?.['sandbox.kubernaut.io/executors'];
  return ExecutorFault.find((fault) => fault === said) ?? null;
}

const dayMilliseconds = 86_400_000; // longer than any Job may take

/** Runs what `executor` runs, but lets the pods hang for which that is said. */
export function hanging(executor: Executor, clock: TrackedClock, hangs: (pod: Pod) => boolean): Executor {
  return {
    ...executor,
    async run(pod, log, signal) {
      if (!hangs(pod)) return executor.run(pod, log, signal);
      log('simulated executor: it hangs, as its node says\n');
      await clock.sleep(dayMilliseconds, signal).catch(() => undefined); // the signal ends it
      return { exitCode: 143 };
    },
  };
}
