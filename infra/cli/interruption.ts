/** Somebody pressed Ctrl-C, closed the terminal, or asked the process to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Interruption {
  /** Aborts with an Interrupted at the first signal. */
  readonly signal: AbortSignal;
  /** Back to what Node does by itself. */
  release(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const sameMilliseconds = 1_000; // npm passes on the Ctrl-C that the terminal has sent to us already
const stopMilliseconds = 10_000;

/** The first signal asks to stop; one that comes later than a moment after it, or a stop that hangs, ends the process. */
export function onInterruption(warn: (text: string) => void): Interruption {
  const controller = new AbortController();
  let first = 0;
  const end = (why: string) => {
    warn(why);
    process.exit(1);
  };
  const interrupted = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort(new Interrupted(`interrupted by ${name}; nothing is left running`));
      setTimeout(() => end(`stopping took longer than ${stopMilliseconds / 1_000} s: ended without`), stopMilliseconds).unref();
    } else if (Date.now() - first > sameMilliseconds) {
      end('ended before everything was stopped');
    }
  };
  for (const name of signals) process.on(name, interrupted);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, interrupted);
    },
  };
}
