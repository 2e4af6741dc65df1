import { endProcess } from './stopping.ts';

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

/** The first signal asks to stop; one that comes later than a moment after it ends the process. */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  let first = 0;
  const interrupted = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort(new Interrupted(`interrupted by ${name}; nothing is left running`));
    } else if (Date.now() - first > sameMilliseconds) {
      endProcess('error: ended before everything was stopped');
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
