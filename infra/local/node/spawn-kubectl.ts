import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import type { ExecutorExit } from './executor.ts';

export interface ProcessOptions {
  readonly path: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly log: (text: string) => void;
  /** Aborted: SIGTERM, and SIGKILL when the grace has passed. */
  readonly signal: AbortSignal;
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/** One process with an argument vector, never a shell; a process group of its own, so that what it starts ends with it. */
export async function spawnKubectl({ path, argv, environment, workingDirectory, log, signal, graceSeconds, clock }: ProcessOptions): Promise<ExecutorExit> {
  if (signal.aborted) return { exitCode: 143, message: 'ended before it began' };
  const child = spawn(path, argv, { env: environment, cwd: workingDirectory, stdio: ['ignore', 'pipe', 'pipe'], shell: false, detached: true });
  const exited = new AbortController();
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    clock.sleep(graceSeconds * 1_000, exited.signal).then(
      () => signalGroup(child, 'SIGKILL'),
      () => undefined, // it ended in time
    );
  };
  signal.addEventListener('abort', end, { once: true });
  for (const stream of [child.stdout, child.stderr]) follow(stream, log);
  try {
    return { exitCode: await exitCodeOf(child) };
  } catch (error) {
    return { exitCode: 127, message: `kubectl could not be started: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    exited.abort();
    signal.removeEventListener('abort', end);
  }
}

/** Rejects when the program could not be started. */
function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signalName) => resolve(code ?? 128 + (signalName === null ? 0 : constants.signals[signalName])));
  });
}

/** A character that is split between two chunks is put together again. */
function follow(stream: Readable, log: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  const append = (text: string): void => {
    if (text !== '') log(text);
  };
  stream.on('data', (chunk: Buffer) => {
    append(decoder.write(chunk));
  });
  stream.on('end', () => {
    append(decoder.end());
  });
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // The group ended by itself a moment ago.
  }
}
