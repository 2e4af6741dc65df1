import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { startGuard } from '../control-plane/guard.ts';
import { StartFailed } from '../stack/start-failed.ts';

export interface EmulatorOptions {
  /** For people: `MiniStack 1.5.33`. */
  readonly name: string;
  readonly argv: readonly [program: string, ...rest: string[]];
  /** All that it sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
  /** Answers 2xx once it is ready. */
  readonly healthUrl: string;
  readonly secondsMax: number;
  readonly signal: AbortSignal;
}

export interface EmulatorProcess {
  readonly processId: number;
  /** Ends it with everything that it started. Resolves when it is gone. */
  stop(): Promise<void>;
}

const graceMilliseconds = 5_000;
const askMilliseconds = 1_000;
const lastWordsCharacters = 400;

/** Starts it in a process group of its own and waits until it answers. It is ended also when this process dies. Throws StartFailed. */
export async function startEmulator(options: EmulatorOptions): Promise<EmulatorProcess> {
  const { name, argv, environment, directory, logFile, secondsMax, signal } = options;
  const [program, ...rest] = argv;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(program, rest, { cwd: directory, env: environment, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new StartFailed(`${name} cannot be started (${cause instanceof Error ? cause.message : String(cause)}): remove ${program} to install it anew`, {
      cause,
    });
  });
  const { pid = 0 } = child;
  const guard = await startGuard();
  guard.watch(pid);
  let isGone = false;
  const gone = once(child, 'exit').then(() => {
    isGone = true;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const late = new AbortController();
    await Promise.race([gone, wait(graceMilliseconds, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    endGroup(pid); // the functions that it ran, and itself where it took too long
    await gone;
    await guard.dismiss();
  };
  const end = Date.now() + secondsMax * 1_000;
  while (!(await answers(options.healthUrl))) {
    if (!isGone && Date.now() < end && !signal.aborted) {
      await wait(100);
      continue;
    }
    await stop();
    signal.throwIfAborted();
    throw new StartFailed(`${name} ${isGone ? 'ended' : `did not answer within ${secondsMax} s`}: ${await lastWords(logFile)}`);
  }
  return { processId: pid, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(askMilliseconds) })).ok;
  } catch {
    return false;
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

async function lastWords(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8')).trim().slice(-lastWordsCharacters);
}
