import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramPlaces } from '../control-plane/find-programs.ts';
import { buildPrograms } from '../control-plane/go-build.ts';
import { goVersion } from '../control-plane/go-command.ts';
import { StartFailed } from '../stack/start-failed.ts';
import { findKubectl, KubectlUnusable, type Kubectl } from './find-kubectl.ts';

/**
 * A kubectl for suites that cannot do without: the one that `findKubectl` finds, else one that is built with go and kept in the cache,
 * where it is found from then on. Throws StartFailed in one sentence.
 */
export async function provideKubectl(places: ProgramPlaces): Promise<Kubectl> {
  const found = await find(places);
  if (found !== null) return found;
  await build(places);
  const built = await find(places);
  if (built === null) throw nowhere('what was built does not run');
  return built;
}

async function find(places: ProgramPlaces): Promise<Kubectl | null> {
  try {
    return await findKubectl(places);
  } catch (cause) {
    if (cause instanceof KubectlUnusable) throw new StartFailed(cause.message, { cause });
    throw cause;
  }
}

async function build(places: ProgramPlaces): Promise<void> {
  const { cacheDirectory, signal } = places;
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, 'making-'));
  try {
    const making = { ...places, directory };
    const go = await goVersion(making);
    if (go === null) throw nowhere('there is no go command on PATH to build it with');
    await buildPrograms(['kubectl'], making, go).catch((error: unknown) => {
      signal.throwIfAborted();
      throw nowhere(`building it with ${go} failed (${error instanceof Error ? error.message : String(error)})`);
    });
    await rename(join(directory, 'kubectl'), join(cacheDirectory, 'kubectl'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function nowhere(why: string): StartFailed {
  return new StartFailed(
    `kubectl is nowhere to be had (PATH and the cache have none of 1.30 or later; ${why}): install kubectl or Go 1.21 or later, or set KUBECTL to a kubectl`,
  );
}
