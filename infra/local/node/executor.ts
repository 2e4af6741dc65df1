import type { Pod } from '../controllers/pod.ts';

/** How an executor container ended. `message`: why it never began, where that is so. */
export interface ExecutorExit {
  readonly exitCode: number;
  readonly message?: string;
}

/** Runs the containers whose command is kubectl; the only ones that this node does not just simulate. */
export interface Executor {
  /** Which way it is done: `kubectl v1.32.4 at /usr/bin/kubectl`, or `simulated kubectl`. */
  readonly description: string;
  /** Runs the container to its end and never rejects. `log` gets its output as it comes. Once the signal is aborted the container is asked to end, then made to. */
  run(pod: Pod, log: (text: string) => void, signal: AbortSignal): Promise<ExecutorExit>;
  /** Removes what it keeps on this machine; nothing runs any more. */
  close(): Promise<void>;
}

/** One container, whose program is kubectl and nothing else: a path or a shell would be another program. */
export function isExecutorPod({ spec }: Pick<Pod, 'spec'>): boolean {
  const [container, ...others] = spec.containers;
  return others.length === 0 && container?.command[0] === 'kubectl';
}

/** What follows `kubectl`. */
export function argvOf({ spec }: Pick<Pod, 'spec'>): readonly string[] {
  const [container] = spec.containers;
  return container === undefined ? [] : [...container.command.slice(1), ...container.args];
}
