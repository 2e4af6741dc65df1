import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pod } from '../controllers/pod.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { Executor } from './executor.ts';
import type { ExecutorRun } from './executor-life.ts';
import type { PodLogs } from './pod-logs.ts';

/** The executor containers that this node runs or has run; a pod's run is kept until the pod is gone. */
export interface ExecutorRuns {
  of(pod: Pod): ExecutorRun | undefined;
  /** It will start once the pod's status says so. */
  intend(pod: Pod): void;
  start(pod: Pod): void;
  /** Asks the container to end. */
  stop(pod: Pod): void;
  /** The pod is gone. What still runs is ended. */
  forget(uid: string): void;
  /** Ends all and resolves when nothing runs any more. */
  stopAll(): Promise<void>;
}

export interface ExecutorRunsOptions {
  readonly clock: TrackedClock;
  readonly executor: Executor;
  readonly logs: PodLogs;
  readonly ended: (pod: Pod) => void;
}

interface Run {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  state: ExecutorRun;
}

const logCharactersMax = 1024 * 1024; // of one container; what comes after is dropped, and said

export function createExecutorRuns({ clock, executor, logs, ended }: ExecutorRunsOptions): ExecutorRuns {
  const runs = new Map<string, Run>();
  const due = new Set<string>();
  const detached = AsyncLocalStorage.snapshot(); // the pass that starts a run does not wait for it

  function start(pod: Pod): void {
    const { uid } = pod.metadata;
    due.delete(uid);
    if (runs.has(uid)) return;
    const abort = new AbortController();
    const log = boundedLog((text) => {
      logs.appendLog(uid, pod.spec.containers[0]?.name ?? '', text);
    });
    const done = detached(() =>
      clock.track(async () => {
        const { exitCode, message } = await executor.run(pod, log, abort.signal);
        run.state = { kind: 'ended', exitCode, message };
        ended(pod);
      }),
    );
    const run: Run = { abort, done, state: { kind: 'running' } };
    runs.set(uid, run);
  }

  return {
    of: ({ metadata }) => runs.get(metadata.uid)?.state ?? (due.has(metadata.uid) ? { kind: 'due' } : undefined),
    intend: ({ metadata }) => void due.add(metadata.uid),
    start,
    stop: ({ metadata }) => runs.get(metadata.uid)?.abort.abort(),
    forget(uid) {
      runs.get(uid)?.abort.abort();
      runs.delete(uid);
      due.delete(uid);
    },
    async stopAll() {
      for (const { abort } of runs.values()) abort.abort();
      await Promise.all([...runs.values()].map(({ done }) => done));
    },
  };
}

function boundedLog(append: (text: string) => void): (text: string) => void {
  let left = logCharactersMax;
  return (text) => {
    if (left <= 0) return;
    append(text.slice(0, left));
    left -= text.length;
    if (left <= 0) append(`\n[cut: more than ${logCharactersMax} characters]\n`);
  };
}
