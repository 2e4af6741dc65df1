import type { Making } from './maker.ts';
import { runCommand } from './run-command.ts';

const minutesMax = 45; // a control plane takes seven on two idle cores

/** `go1.26.8`; null when there is no go command on PATH. */
export async function goVersion(making: Making): Promise<string | null> {
  try {
    return (await runGo(['env', 'GOVERSION'], making, making.directory)).trim();
  } catch {
    making.signal.throwIfAborted();
    return null;
  }
}

/** Runs the go command on PATH, with the module proxy that it is configured for, and answers what it printed. Throws with its last words. */
export function runGo(argv: readonly string[], { environment, signal }: Making, workingDirectory: string): Promise<string> {
  // A workspace or a vendor flag of whoever runs this is about another module.
  const settings = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };
  return runCommand({ argv: ['go', ...argv], environment: { ...environment, ...settings }, workingDirectory, signal, minutesMax });
}
