import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import { findPrograms, programLines } from '../../infra/local/control-plane/find-programs.ts';
import { startControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';

const limitSeconds = 10;

/** From nothing running to a control plane that is ready, its programs found in the cache; they are put there first, where that is needed. */
export async function measureStart(print: (line: string) => void): Promise<boolean> {
  const signal = new AbortController().signal;
  const cacheDirectory = cacheDirectoryOf(process.env);
  const places = { environment: process.env, cacheDirectory, signal, tell: print };
  await findPrograms(places);
  const workspace = await createWorkspace();
  const begun = performance.now();
  try {
    const programs = await findPrograms(places);
    const options = { programs, apiPort: 0, directory: workspace.directory, namespace: 'default', clock: createRealClock(), signal, failed: print };
    const controlPlane = await startControlPlane(options);
    const seconds = (performance.now() - begun) / 1_000;
    await controlPlane.stop();
    for (const line of programLines(programs)) print(line);
    print(`a control plane is ready ${seconds.toFixed(1)} s after its start (limit: ${limitSeconds} s)\n`);
    return seconds < limitSeconds;
  } finally {
    await workspace.remove();
  }
}
