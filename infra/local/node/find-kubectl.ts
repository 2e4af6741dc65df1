import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

export interface Kubectl {
  readonly path: string;
  /** `v1.32.4` */
  readonly version: string;
}

export interface KubectlPlaces {
  /** KUBECTL and PATH are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Looked at last: `<cacheDirectory>/kubectl`. */
  readonly cacheDirectory: string;
}

export class KubectlUnusable extends Error {
  override readonly name = 'KubectlUnusable';
}

const minorMin = 30; // the oldest whose requests were traced
const answerMilliseconds = 20_000; // a cold binary of 60 MB on a slow disk
const run = promisify(execFile);

/**
 * KUBECTL, then PATH, then the cache; null when there is none of 1.30 or later. Throws KubectlUnusable when KUBECTL names something
 * that cannot be used: who sets it wants to know.
 */
export async function findKubectl({ environment, cacheDirectory }: KubectlPlaces): Promise<Kubectl | null> {
  const named = environment['KUBECTL'];
  if (named !== undefined && named !== '') {
    const found = await versionOf(named);
    if (found.kind === 'usable') return found.kubectl;
    throw new KubectlUnusable(`KUBECTL=${named}: ${found.reason}: name a kubectl of 1.${minorMin} or later, or unset it`);
  }
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const path of [...directories, cacheDirectory].map((directory) => join(directory, 'kubectl'))) {
    const found = await versionOf(path);
    if (found.kind === 'usable') return found.kubectl;
  }
  return null;
}

type Found = { readonly kind: 'usable'; readonly kubectl: Kubectl } | { readonly kind: 'unusable'; readonly reason: string };

const answerSchema = z.object({ clientVersion: z.object({ gitVersion: z.string() }) });

async function versionOf(path: string): Promise<Found> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return { kind: 'unusable', reason: 'is no program' };
  }
  const home = await mkdtemp(join(tmpdir(), 'kubectl-version-'));
  try {
    const { stdout } = await run(path, ['version', '--client', '-o', 'json'], { env: { HOME: home }, timeout: answerMilliseconds });
    const version = answerSchema.parse(JSON.parse(stdout)).clientVersion.gitVersion;
    const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
    if (major === '1' && Number(minor) >= minorMin) return { kind: 'usable', kubectl: { path, version } };
    return { kind: 'unusable', reason: `is version ${version}` };
  } catch (error) {
    return { kind: 'unusable', reason: `does not answer "version --client": ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
