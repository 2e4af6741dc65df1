import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramPlaces } from '../control-plane/find-programs.ts';
import { runCommand } from '../control-plane/run-command.ts';
import { StartFailed } from '../stack/start-failed.ts';

/** A program from PyPI that is run as a module and says no version, pinned, with what it needs at versions that were seen to work with it. */
export interface PythonModule {
  readonly name: string;
  readonly version: string;
  /** As pip takes them: `ministack==1.5.33`. */
  readonly requirements: readonly string[];
}

const minutesMax = 15; // a slow line; seconds where the packages are near

/**
 * The python that has the program: from the cache, else an environment is made there with the python3 on PATH and the package index that
 * pip is configured for. Run it as `python -m <module>`: its scripts name the directory in which it was made. Throws StartFailed.
 */
export async function providePython({ name, version, requirements }: PythonModule, places: ProgramPlaces): Promise<string> {
  const { cacheDirectory, environment, signal, tell } = places;
  const home = join(cacheDirectory, name);
  const place = join(home, version);
  const python = join(place, 'bin/python');
  if (await isThere(python)) return python;
  await mkdir(home, { recursive: true });
  const making = await mkdtemp(join(home, 'making-'));
  const run = (...argv: [string, ...string[]]) => runCommand({ argv, environment, workingDirectory: home, signal, minutesMax });
  tell(`installing ${name} ${version} from PyPI into ${place}`);
  try {
    await run('python3', '-m', 'venv', making);
    await run(join(making, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...requirements);
    await rename(making, place).catch(async (error: unknown) => {
      if (!(await isThere(python))) throw error; // else another start was faster
    });
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartFailed(`${name} ${version} cannot be installed (${why}): install python3 with its venv module, and let pip reach a package index`, {
      cause,
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return python;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
