import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { goVersion, runGo } from '../control-plane/go-command.ts';
import type { ProgramPlaces } from '../control-plane/find-programs.ts';
import type { Making } from '../control-plane/maker.ts';
import { StartFailed } from '../stack/start-failed.ts';

export interface Helm {
  readonly path: string;
  readonly version: string;
  /** Where it came from, for people. */
  readonly source: string;
}

const helmVersion = '3.22.0';
/** What its release takes a cluster for that it does not see; without being told, a build would take it for 1.20. */
const kubernetesOfHelm = { major: '1', minor: '37' };
const minorMin = 17; // the first that takes over what kubectl installed: --take-ownership
const answerMilliseconds = 20_000;
const run = promisify(execFile);

/**
 * The helm that HELM names, else the first on PATH of 3.17 or later, else the one in the cache, else one that is built with go and
 * kept there. Throws StartFailed in one sentence; also when HELM names something of no use: who sets it wants to know.
 */
export async function findHelm(places: ProgramPlaces): Promise<Helm> {
  const { environment, cacheDirectory, tell } = places;
  const named = environment['HELM'] ?? '';
  if (named !== '') return given(named);
  for (const directory of (environment['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(directory, 'helm');
    const found = await examineHelm(path);
    if (found.kind === 'usable') return { path, version: found.version, source: 'PATH' };
    if (found.kind === 'unusable') tell(`${path} ${found.why}: looking further`);
  }
  const cache = join(cacheDirectory, 'helm', helmVersion);
  const kept = await examineHelm(join(cache, 'helm'));
  if (kept.kind === 'usable') return { path: join(cache, 'helm'), version: kept.version, source: 'the cache' };
  return build(cache, places);
}

async function given(path: string): Promise<Helm> {
  const found = await examineHelm(path);
  if (found.kind === 'usable') return { path, version: found.version, source: 'HELM' };
  const why = found.kind === 'absent' ? 'is no program' : found.why;
  throw new StartFailed(`HELM=${path} ${why}: name a helm of 3.${minorMin} or later, or unset HELM`);
}

/** `go install` from the module of its release, into a directory of its own and then, whole, into the cache. */
async function build(cache: string, { environment, signal, tell }: ProgramPlaces): Promise<Helm> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'making-'));
  try {
    const making: Making = { directory, environment: { ...environment, GOBIN: directory }, signal, tell };
    const go = await goVersion(making);
    if (go === null) throw nowhere('there is no go command on PATH to build it with');
    tell(`building helm with ${go}; the first time this takes minutes`);
    const argv = ['install', '-trimpath', '-ldflags', linkerFlags(), `helm.sh/helm/v3/cmd/helm@v${helmVersion}`];
    await runGo(argv, making, directory).catch((error: unknown) => {
      signal.throwIfAborted();
      throw nowhere(`building it with ${go} failed (${error instanceof Error ? error.message : String(error)})`);
    });
    const found = await examineHelm(join(directory, 'helm'));
    if (found.kind !== 'usable') throw nowhere(`what ${go} built ${found.kind === 'unusable' ? found.why : 'is not there'}`);
    await rename(join(directory, 'helm'), join(cache, 'helm'));
    return { path: join(cache, 'helm'), version: found.version, source: 'a build with go' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As Helm's own Makefile has them. */
function linkerFlags(): string {
  const variables = {
    'internal/version.version': `v${helmVersion}`,
    ...Object.fromEntries(
      ['pkg/lint/rules', 'pkg/chartutil'].flatMap((name) => [
        [`${name}.k8sVersionMajor`, kubernetesOfHelm.major],
        [`${name}.k8sVersionMinor`, kubernetesOfHelm.minor],
      ]),
    ),
  };
  return ['-s -w', ...Object.entries(variables).map(([name, value]) => `-X helm.sh/helm/v3/${name}=${value}`)].join(' ');
}

function nowhere(why: string): StartFailed {
  return new StartFailed(
    `helm is nowhere to be had (PATH and the cache have none of 3.${minorMin} or later; ${why}): install Go 1.21 or later, or set HELM to a helm`,
  );
}

type Found = { readonly kind: 'usable'; readonly version: string } | { readonly kind: 'absent' } | { readonly kind: 'unusable'; readonly why: string };

async function examineHelm(path: string): Promise<Found> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return { kind: 'absent' };
  }
  try {
    const { stdout } = await run(path, ['version', '--template', '{{.Version}}'], { env: {}, timeout: answerMilliseconds });
    return judgeVersion(stdout.trim());
  } catch (error) {
    return { kind: 'unusable', why: `does not run (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})` };
  }
}

function judgeVersion(version: string): Found {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined) return { kind: 'unusable', why: 'does not say its version' };
  const isRecent = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= minorMin);
  return isRecent ? { kind: 'usable', version } : { kind: 'unusable', why: `is ${version}, and v3.${minorMin} or later is needed` };
}
