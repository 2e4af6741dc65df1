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

const workerFile = join(import.meta.dirname, 'worker.ts');

/** Worker processes, one run at a time each: a run holds its process's database and most of a core. Throws when one ends before it is ready. */
export async function hireCrew(size: number, file = workerFile): Promise<Crew> {
  const workers = Array.from({ length: size }, () => fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  const dismiss = () => {
    for (const worker of workers) if (worker.connected) worker.disconnect();
  };
  try {
    await Promise.all(workers.map(isReady));
  } catch (error) {
    dismiss();
    throw error;
  }
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
    dismiss,
  };
}

/** Its first message; a worker that ends instead never sends one. */
async function isReady(worker: ChildProcess): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  const ended = async () => {
    const [code, name] = await once(worker, 'exit', { signal });
    const how = name === null ? `with exit code ${String(code)}` : `by ${String(name)}`;
    throw new Error(`worker ${worker.pid ?? 'without a process'} ended ${how} before it was ready: see what it printed above`);
  };
  const over = ended();
  try {
    await Promise.race([once(worker, 'message', { signal }), over]);
  } finally {
    either.abort();
    over.catch(() => undefined); // called off once the other came first
  }
}
