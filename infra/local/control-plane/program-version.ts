import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { minorOf, wantedMinor, type Program } from './release.ts';

export type Found =
  | { readonly kind: 'usable'; readonly version: string }
  | { readonly kind: 'absent' }
  /** `is v1.35.2, and 1.36 is needed` */
  | { readonly kind: 'unusable'; readonly why: string };

const answerMilliseconds = 20_000; // a cold binary of 100 MB on a slow disk
const run = promisify(execFile);

/** Asks a program for its version: whether it is there, runs on this machine, and is of the minor version that is needed. */
export async function examineProgram(program: Program, path: string): Promise<Found> {
  try {
    await access(path, constants.F_OK);
  } catch {
    return { kind: 'absent' };
  }
  try {
    const { stdout } = await run(path, ['--version'], { env: {}, timeout: answerMilliseconds });
    return judgeVersion(program, stdout);
  } catch (error) {
    return { kind: 'unusable', why: `does not run (${firstLineOf(error)})` };
  }
}

/** `Kubernetes v1.36.3`, `etcd Version: 3.6.6` and more lines. */
export function judgeVersion(program: Program, printed: string): Found {
  const [, version] = /(?:Kubernetes v|etcd Version: )(\d+\.\d+\.\d+\S*)/.exec(printed) ?? [];
  if (version === undefined) return { kind: 'unusable', why: 'does not say its version' };
  const wanted = wantedMinor(program);
  return minorOf(version) === wanted ? { kind: 'usable', version } : { kind: 'unusable', why: `is ${version}, and ${wanted} is needed` };
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
