import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { reportSchema, type Report, type Run } from './run.ts';

export interface Crew {
  /** Plays the run on whichever worker is free next. */
  play(run: Run): Promise<Report>;
  /** Ends the workers. */
  dismiss(): void;
}

/** Worker processes, one run at a time each: a run holds its process's database and most of a core. */
export async function hireCrew(size: number): Promise<Crew> {
  const workers = Array.from({ length: size }, () => fork(join(import.meta.dirname, 'worker.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const free = [...workers];
  const waiting: ((worker: ChildProcess) => void)[] = [];
  const release = (worker: ChildProcess) => {
    const next = waiting.shift();
    if (next === undefined) free.push(worker);
    else next(worker);
  };
  return {
    async play(run) {
      const worker = free.pop() ?? (await new Promise<ChildProcess>((resolve) => waiting.push(resolve)));
      const died = new AbortController();
      const exit = once(worker, 'exit', { signal: died.signal }).then(() => Promise.reject(new Error(`a worker died in ${JSON.stringify(run)}`)));
      worker.send(run);
      const answer: unknown = await Promise.race([once(worker, 'message', { signal: died.signal }), exit]);
      died.abort();
      exit.catch(() => undefined);
      release(worker);
      return reportSchema.parse(Array.isArray(answer) ? answer[0] : answer);
    },
    dismiss() {
      for (const worker of workers) worker.disconnect();
    },
  };
}
