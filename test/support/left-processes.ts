import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** The command lines of processes that mention a path: what a start that was given a directory of its own has left behind. */
export function processesAbout(path: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLineOf)
    .filter((commandLine) => commandLine.includes(path));
}

/** The same, a while later when there are any: what is ended by a signal needs a moment. */
export async function lastProcessesAbout(path: string): Promise<readonly string[]> {
  for (let count = 0; count < 100 && processesAbout(path).length > 0; count += 1) await wait(100);
  return processesAbout(path);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it ended while we looked
  }
}
