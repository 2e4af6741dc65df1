import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { StartFailed } from '../stack/start-failed.ts';
import { startGuarded } from './guarded-process.ts';

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
  /** Told when it ends by itself later: whoever waits for what it does would learn no more than that it does not happen. */
  readonly tell: (line: string) => void;
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
  let isReady = false;
  const endedByItself = (how: string): void => {
    if (isReady) void lastWords(logFile).then((words) => options.tell(`${name} ended by itself (${how}): ${words}`));
  };
  const emulator = await startGuarded({ argv, environment, directory, logFile, graceMilliseconds, endedByItself }).catch((cause: unknown) => {
    throw new StartFailed(`${name} cannot be started (${cause instanceof Error ? cause.message : String(cause)}): remove ${argv[0]} to install it anew`, {
      cause,
    });
  });
  const end = Date.now() + secondsMax * 1_000;
  while (!(await answers(options.healthUrl))) {
    if (!emulator.isGone() && Date.now() < end && !signal.aborted) {
      await wait(100);
      continue;
    }
    const isGone = emulator.isGone();
    await emulator.stop();
    signal.throwIfAborted();
    throw new StartFailed(`${name} ${isGone ? 'ended' : `did not answer within ${secondsMax} s`}: ${await lastWords(logFile)}`);
  }
  isReady = true;
  return emulator;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(askMilliseconds) })).ok;
  } catch {
    return false;
  }
}

async function lastWords(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).trim().slice(-lastWordsCharacters);
}
