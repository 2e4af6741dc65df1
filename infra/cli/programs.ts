import { findAlertmanager } from '../local/programs/alertmanager.ts';
import { cacheDirectoryOf } from '../local/cache-directory.ts';
import { providePython } from '../local/cloud/python-module.ts';
import { miniStack } from '../local/cloud/start-ministack.ts';
import { findPrograms, programLines, type ProgramPlaces } from '../local/control-plane/find-programs.ts';
import { findHelm } from '../local/programs/helm.ts';
import { provideKubectl } from '../local/node/provide-kubectl.ts';
import { cfnLint, findPythonProgram } from '../local/python-program.ts';
import { onInterruption } from './interruption.ts';

/** Finds, fetches or builds what `npm run test:cluster` starts, so that no test waits for a compiler. Throws StartFailed. */
export function providePrograms(): Promise<void> {
  return providing(async (places) => {
    for (const line of programLines(await findPrograms(places))) places.tell(line);
    const helm = await findHelm(places);
    places.tell(`helm ${helm.version} from ${helm.source}: ${helm.path}`);
    const kubectl = await provideKubectl(places);
    places.tell(`kubectl ${kubectl.version}: ${kubectl.path}`);
  });
}

/** Finds or installs what `npm run test:cloud` starts. Throws StartFailed. */
export function provideCloudPrograms(): Promise<void> {
  return providing(async (places) => {
    const { program } = cfnLint;
    const { version, source, path } = await findPythonProgram(cfnLint, places);
    places.tell(`${program} ${version} from ${source}: ${path}`);
    places.tell(`${miniStack.name} ${miniStack.version}: ${await providePython(miniStack, places)}`);
    const alertmanager = await findAlertmanager(places);
    places.tell(`alertmanager ${alertmanager.version} from ${alertmanager.source}: ${alertmanager.path}`);
  });
}

async function providing(provide: (places: ProgramPlaces) => Promise<void>): Promise<void> {
  const interruption = onInterruption();
  const tell = (line: string): void => {
    console.log(line);
  };
  try {
    await provide({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal: interruption.signal, tell });
  } finally {
    interruption.release();
  }
}
