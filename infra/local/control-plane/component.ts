import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Guard } from './guard.ts';
import type { Program } from './release.ts';

export interface ComponentOptions {
  readonly program: Program;
  readonly path: string;
  readonly argv: readonly string[];
  /** Its log and its home are there. */
  readonly directory: string;
  readonly guard: Guard;
}

/** One process of the control plane. */
export interface Component {
  readonly program: Program;
  readonly pid: number;
  readonly gone: Promise<void>;
  /** Null while it runs; then how it ended, with the last thing that it said. */
  readonly ended: () => Promise<string | null>;
  /** Asks it to end, then makes it end. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Makes it end in the middle of whatever it does. Resolves when it is gone. */
  kill(): Promise<void>;
}

const graceMilliseconds = 4_000; // an API server finishes what it answers; watches it cuts
const tailBytes = 16 * 1024;

/** Starts it with nothing of this process's environment: no proxy and no credentials of whoever runs this. Throws when it cannot be started. */
export async function startComponent({ program, path, argv, directory, guard }: ComponentOptions): Promise<Component> {
  const logFile = join(directory, `${program}.log`);
  const log = openSync(logFile, 'a', 0o600);
  // A session of its own: a Ctrl-C is for us, who end the processes in their order.
  const child = spawn(path, argv, { cwd: directory, env: { HOME: directory, TMPDIR: directory }, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn'); // rejects with the error, if there is one
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${program} has no process id`);
  guard.watch(pid);
  let end: string | null = null;
  const gone = once(child, 'exit').then(([code, signal]) => {
    guard.forget(pid);
    end = `${program} ended with ${(code as number | null) ?? (signal as string)}`;
  });
  return {
    program,
    pid,
    gone,
    ended: async () => (end === null ? null : `${end}: ${await lastWords(logFile)}`),
    async stop() {
      if (end !== null) return;
      child.kill('SIGTERM');
      const late = new AbortController();
      await Promise.race([gone, wait(graceMilliseconds, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      if (end === null) child.kill('SIGKILL');
      await gone;
    },
    async kill() {
      if (end === null) child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The last line that says what is wrong, else the last line. */
async function lastWords(logFile: string): Promise<string> {
  const file = await open(logFile);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
    const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n');
    return lines.findLast((line) => /^[EF]\d{4} |^Error: |"level":"(?:fatal|error)"|panic:/.test(line)) ?? lines.at(-1) ?? '';
  } finally {
    await file.close();
  }
}
