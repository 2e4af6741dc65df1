import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { FoundProgram, ProgramPlaces } from '../control-plane/find-programs.ts';
import { goVersion } from '../control-plane/go-command.ts';
import type { Making } from '../control-plane/maker.ts';
import type { Found } from '../control-plane/program-version.ts';
import { StartFailed } from '../stack/start-failed.ts';

/** A program that is looked for under its name, and built with go where it is not. */
export interface WantedProgram {
  readonly name: string;
  /** Names another, as HELM=/opt/helm. */
  readonly variable: string;
  /** What is built and kept. */
  readonly version: string;
  /** `3.17`: older ones are passed by. */
  readonly minimum: string;
  /** What it is asked for its version with. */
  readonly versionArgv: readonly string[];
  readonly judgeVersion: (printed: string) => Found;
  /** Puts it into the directory under its name. */
  readonly build: (making: Making) => Promise<void>;
}

const answerMilliseconds = 20_000; // a cold binary of 60 MB on a slow disk
const run = promisify(execFile);

/**
 * The program that its variable names, else the first on PATH that is recent enough, else the one in the cache, else one that is built with go and
 * kept there. Throws StartFailed in one sentence; also when the variable names something of no use: who sets it wants to know.
 */
export async function findProgram(wanted: WantedProgram, places: ProgramPlaces): Promise<FoundProgram> {
  const { name, variable, version } = wanted;
  const named = places.environment[variable] ?? '';
  if (named !== '') return given(wanted, named);
  for (const directory of (places.environment['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(directory, name);
    const found = await examine(wanted, path);
    if (found.kind === 'usable') return { path, version: found.version, source: 'PATH' };
    if (found.kind === 'unusable') places.tell(`${path} ${found.why}: looking further`);
  }
  const cache = join(places.cacheDirectory, name, version);
  const kept = await examine(wanted, join(cache, name));
  if (kept.kind === 'usable') return { path: join(cache, name), version: kept.version, source: 'the cache' };
  return build(wanted, cache, places);
}

async function given(wanted: WantedProgram, path: string): Promise<FoundProgram> {
  const { name, variable, minimum } = wanted;
  const found = await examine(wanted, path);
  if (found.kind === 'usable') return { path, version: found.version, source: variable };
  const why = found.kind === 'absent' ? 'is no program' : found.why;
  throw new StartFailed(`${variable}=${path} ${why}: set it to a ${name} of ${minimum} or later, or unset ${variable}`);
}

/** In a directory of its own, and then moved whole into the cache. */
async function build(wanted: WantedProgram, cache: string, { environment, signal, tell }: ProgramPlaces): Promise<FoundProgram> {
  const { name } = wanted;
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'making-'));
  try {
    const making: Making = { directory, environment, signal, tell };
    const go = await goVersion(making);
    if (go === null) throw nowhere(wanted, 'there is no go command on PATH to build it with');
    tell(`building ${name} with ${go}; the first time this takes minutes`);
    await wanted.build(making).catch((error: unknown) => {
      signal.throwIfAborted();
      throw nowhere(wanted, `building it with ${go} failed (${error instanceof Error ? error.message : String(error)})`);
    });
    const found = await examine(wanted, join(directory, name));
    if (found.kind !== 'usable') throw nowhere(wanted, `what ${go} built ${found.kind === 'unusable' ? found.why : 'is not there'}`);
    await rename(join(directory, name), join(cache, name));
    return { path: join(cache, name), version: found.version, source: 'a build with go' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function nowhere({ name, variable, minimum }: WantedProgram, why: string): StartFailed {
  return new StartFailed(
    `${name} is nowhere to be had (PATH and the cache have none of ${minimum} or later; ${why}): install Go 1.21 or later, or set ${variable} to a ${name}`,
  );
}

async function examine({ versionArgv, judgeVersion }: WantedProgram, path: string): Promise<Found> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return { kind: 'absent' };
  }
  try {
    const { stdout, stderr } = await run(path, [...versionArgv], { env: {}, timeout: answerMilliseconds });
    return judgeVersion(`${stdout}${stderr}`.trim());
  } catch (error) {
    return { kind: 'unusable', why: `does not run (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})` };
  }
}
