import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { startGuard } from '../control-plane/guard.ts';

export interface GuardedProcess {
  readonly processId: number;
  isGone(): boolean;
  /** SIGTERM, and after the grace SIGKILL to its group: itself where it took too long, and whatever it has started. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface GuardedOptions {
  readonly argv: readonly [program: string, ...rest: string[]];
  /** All that it sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
  readonly graceMilliseconds: number;
  /** Nobody stopped it: `code 1`, `signal SIGKILL`. */
  readonly endedByItself?: (how: string) => void;
}

/** A process in a group of its own that is ended also when this one dies. Throws what spawning it threw. */
export async function startGuarded({ argv, environment, directory, logFile, graceMilliseconds, endedByItself }: GuardedOptions): Promise<GuardedProcess> {
  const [program, ...rest] = argv;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(program, rest, { cwd: directory, env: environment, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const guard = await startGuard();
  guard.watch(pid);
  let isGone = false;
  let isStopping = false;
  const gone = once(child, 'exit').then(([code, signal]: readonly unknown[]) => {
    isGone = true;
    if (!isStopping) endedByItself?.(typeof signal === 'string' ? `signal ${signal}` : `code ${String(code)}`);
  });
  return {
    processId: pid,
    isGone: () => isGone,
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      const late = new AbortController();
      await Promise.race([gone, wait(graceMilliseconds, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      endGroup(pid);
      await gone;
      await guard.dismiss();
    },
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
