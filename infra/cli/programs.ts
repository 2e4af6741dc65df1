import { cacheDirectoryOf } from '../local/cache-directory.ts';
import { findPrograms, programLines } from '../local/control-plane/find-programs.ts';
import { findHelm } from '../local/helm/find-helm.ts';
import { provideKubectl } from '../local/node/provide-kubectl.ts';
import { onInterruption } from './interruption.ts';

/** Finds, fetches or builds what `npm run test:cluster` starts, so that no test waits for a compiler. Throws StartFailed. */
export async function providePrograms(): Promise<void> {
  const interruption = onInterruption();
  const tell = (line: string): void => {
    console.log(line);
  };
  const places = { environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal: interruption.signal, tell };
  try {
    for (const line of programLines(await findPrograms(places))) tell(line);
    const helm = await findHelm(places);
    tell(`helm ${helm.version} from ${helm.source}: ${helm.path}`);
    const kubectl = await provideKubectl(places);
    tell(`kubectl ${kubectl.version}: ${kubectl.path}`);
  } finally {
    interruption.release();
  }
}
