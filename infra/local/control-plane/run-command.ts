import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Command {
  readonly argv: readonly [program: string, ...rest: string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborted: the program and everything that it started is ended. */
  readonly signal: AbortSignal;
  readonly minutesMax: number;
  /** Finds in all that it printed why it failed, where the last line that it complained with does not say so. */
  readonly reasonIn?: (printed: string) => string | undefined;
}

const outputCharactersMax = 16 * 1024 * 1024; // go mod tidy names every module that it fetches

/** Runs a program to its end and answers what it printed. Throws with why it failed, or the signal's reason. */
export async function runCommand({ argv, environment, workingDirectory, signal, minutesMax, reasonIn }: Command): Promise<string> {
  const [program, ...rest] = argv;
  const ending = AbortSignal.any([signal, AbortSignal.timeout(minutesMax * 60_000)]);
  ending.throwIfAborted();
  // A process group of its own, so that the compilers which it starts end with it.
  const child = spawn(program, rest, { env: environment, cwd: workingDirectory, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const end = (): void => {
    endGroup(child.pid);
  };
  ending.addEventListener('abort', end, { once: true });
  const [printed, complained] = [collect(child.stdout), collect(child.stderr)];
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (ending.aborted) throw new Error(`${program} took longer than ${minutesMax} minutes`);
    if (code !== 0) throw new Error(reasonIn?.(printed()) ?? (lastLineOf(complained()) || `${program} ended with ${code ?? 'a signal'}`));
    return printed();
  } finally {
    ending.removeEventListener('abort', end);
  }
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-outputCharactersMax);
  });
  return () => text;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment ago.
  }
}
