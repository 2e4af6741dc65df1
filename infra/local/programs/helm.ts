import type { FoundProgram, ProgramPlaces } from '../control-plane/find-programs.ts';
import { runGo } from '../control-plane/go-command.ts';
import type { Making } from '../control-plane/maker.ts';
import type { Found } from '../control-plane/program-version.ts';
import { findProgram } from './find-program.ts';

const version = '3.22.0';
/** What its release takes a cluster for that it does not see; without being told, a build would take it for 1.20. */
const kubernetesOfHelm = { major: '1', minor: '37' };
const minorMin = 17; // the first that takes over what kubectl installed: --take-ownership
const minimum = `3.${minorMin}`;

/** The helm that HELM names, else one on PATH, else the cache's, else one that is built from its module. Throws StartFailed. */
export function findHelm(places: ProgramPlaces): Promise<FoundProgram> {
  const versionArgv = ['version', '--template', '{{.Version}}'];
  return findProgram({ name: 'helm', variable: 'HELM', version, minimum, versionArgv, judgeVersion, build }, places);
}

async function build({ environment, ...making }: Making): Promise<void> {
  const argv = ['install', '-trimpath', '-ldflags', linkerFlags(), `helm.sh/helm/v3/cmd/helm@v${version}`];
  await runGo(argv, { ...making, environment: { ...environment, GOBIN: making.directory } }, making.directory);
}

/** As Helm's own Makefile has them. */
function linkerFlags(): string {
  const variables = {
    'internal/version.version': `v${version}`,
    ...Object.fromEntries(
      ['pkg/lint/rules', 'pkg/chartutil'].flatMap((name) => [
        [`${name}.k8sVersionMajor`, kubernetesOfHelm.major],
        [`${name}.k8sVersionMinor`, kubernetesOfHelm.minor],
      ]),
    ),
  };
  return ['-s -w', ...Object.entries(variables).map(([name, value]) => `-X helm.sh/helm/v3/${name}=${value}`)].join(' ');
}

/** `v3.22.0`. */
function judgeVersion(printed: string): Found {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(printed) ?? [];
  if (major === undefined) return { kind: 'unusable', why: 'does not say its version' };
  const isRecent = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= minorMin);
  return isRecent ? { kind: 'usable', version: printed } : { kind: 'unusable', why: `is ${printed}, and v${minimum} or later is needed` };
}
