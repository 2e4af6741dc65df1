import { mkdtemp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailed } from '../stack/start-failed.ts';
import { officialRelease } from './download.ts';
import { goBuild } from './go-build.ts';
import type { Maker } from './maker.ts';
import { examineProgram } from './program-version.ts';
import { kubernetesVersion, programs, releasedVersion, type Program } from './release.ts';

export interface FoundProgram {
  readonly path: string;
  readonly version: string;
  /** Where it came from, for people. */
  readonly source: string;
}

export type Programs = Readonly<Record<Program, FoundProgram>>;

export interface ProgramPlaces {
  /** KUBEBUILDER_ASSETS, PATH and the go command's own variables are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Programs are kept in `<cacheDirectory>/control-plane/<version>`. */
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/**
 * Each program from KUBEBUILDER_ASSETS, else from the cache, else from the official release, else built with go; the last two fill
 * the cache. Throws StartFailed when one is nowhere to be had, or when KUBEBUILDER_ASSETS holds another version: who sets it wants to know.
 */
export async function findPrograms(places: ProgramPlaces, makers: readonly Maker[] = [officialRelease, goBuild]): Promise<Programs> {
  const cache = join(places.cacheDirectory, 'control-plane', kubernetesVersion);
  const given = await fromAssets(places.environment);
  const cached = await fromCache(cache, places.tell);
  const missing = programs.filter((program) => !given.has(program) && !cached.has(program));
  const made = missing.length === 0 ? new Map<Program, FoundProgram>() : await makeMissing(missing, { ...places, cache, makers });
  const found = new Map([...made, ...cached, ...given]);
  return Object.fromEntries(programs.map((program) => [program, found.get(program)])) as unknown as Programs;
}

/** One line a program: what was taken, and from where. */
export function programLines(found: Programs): readonly string[] {
  return programs.map((program) => `${program} ${found[program].version} from ${found[program].source}: ${found[program].path}`);
}

type FoundMap = ReadonlyMap<Program, FoundProgram>;

async function fromAssets({ KUBEBUILDER_ASSETS: directory }: ProgramPlaces['environment']): Promise<FoundMap> {
  const found = new Map<Program, FoundProgram>();
  if (directory === undefined || directory === '') return found;
  for (const program of programs) {
    const path = join(directory, program);
    const judged = await examineProgram(program, path);
    if (judged.kind === 'unusable') {
      throw new StartFailed(`KUBEBUILDER_ASSETS=${directory}: ${program} there ${judged.why}: name a directory with another one, or unset KUBEBUILDER_ASSETS`);
    }
    if (judged.kind === 'usable') found.set(program, { path, version: judged.version, source: 'KUBEBUILDER_ASSETS' });
  }
  return found;
}

/** What is there but of no use (a half-written file, another version) is made anew, and said. */
async function fromCache(cache: string, tell: (line: string) => void): Promise<FoundMap> {
  const found = new Map<Program, FoundProgram>();
  await Promise.all(
    programs.map(async (program) => {
      const path = join(cache, program);
      const judged = await examineProgram(program, path);
      if (judged.kind === 'usable') found.set(program, { path, version: judged.version, source: 'the cache' });
      if (judged.kind === 'unusable') tell(`${path} ${judged.why}: making it anew`);
    }),
  );
  return found;
}

interface Workshop extends ProgramPlaces {
  readonly cache: string;
  readonly makers: readonly Maker[];
}

/** What one maker cannot get the next one is asked for. */
async function makeMissing(missing: readonly Program[], workshop: Workshop): Promise<FoundMap> {
  await mkdir(workshop.cache, { recursive: true });
  const directory = await mkdtemp(join(workshop.cache, 'making-'));
  const found = new Map<Program, FoundProgram>();
  const whys: string[] = [];
  try {
    for (const maker of workshop.makers) {
      const wanted = missing.filter((program) => !found.has(program));
      if (wanted.length === 0) break;
      const { programs: made, why } = await maker.make(wanted, { ...workshop, directory });
      for (const program of made) found.set(program, await keep(program, directory, { cache: workshop.cache, source: maker.source }));
      if (why !== null) whys.push(why);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const first = missing.find((program) => !found.has(program));
  if (first !== undefined) throw nowhere(first, whys);
  return found;
}

async function keep(program: Program, directory: string, { cache, source }: { readonly cache: string; readonly source: string }): Promise<FoundProgram> {
  const judged = await examineProgram(program, join(directory, program));
  if (judged.kind !== 'usable') {
    const why = judged.kind === 'unusable' ? judged.why : 'is not there';
    throw new StartFailed(`${program} from ${source} ${why}: set KUBEBUILDER_ASSETS to a directory that holds another one`);
  }
  const path = join(cache, program);
  await rename(join(directory, program), path); // whole or not at all, whoever else makes it at the same time
  return { path, version: judged.version, source };
}

function nowhere(program: Program, whys: readonly string[]): StartFailed {
  const tried = ['KUBEBUILDER_ASSETS and the cache have none', ...whys].join('; ');
  return new StartFailed(
    `${program} ${releasedVersion(program)} is nowhere to be had (${tried}): install Go 1.21 or later, or set KUBEBUILDER_ASSETS to a directory that holds it`,
  );
}
