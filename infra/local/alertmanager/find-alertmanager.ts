import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { ProgramPlaces } from '../control-plane/find-programs.ts';
import { goVersion, runGo } from '../control-plane/go-command.ts';
import type { Making } from '../control-plane/maker.ts';
import { StartFailed } from '../stack/start-failed.ts';

export interface Alertmanager {
  readonly path: string;
  readonly version: string;
  /** Where it came from, for people. */
  readonly source: string;
}

const builtVersion = '0.34.0';
const minorMin = 34; // what the webhook is held against; distributions have some that are years older
const module = 'github.com/prometheus/alertmanager';
const answerMilliseconds = 20_000;
const run = promisify(execFile);

/** The one that ALERTMANAGER names, else the first on PATH of 0.34 or later, else the one in the cache, else one that is built with go and kept there. Throws StartFailed in one sentence. */
export async function findAlertmanager(places: ProgramPlaces): Promise<Alertmanager> {
  const { environment, cacheDirectory, tell } = places;
  const named = environment['ALERTMANAGER'] ?? '';
  if (named !== '') {
    const found = await examine(named);
    if (found.kind === 'usable') return { path: named, version: found.version, source: 'ALERTMANAGER' };
    throw new StartFailed(
      `ALERTMANAGER=${named} ${found.kind === 'absent' ? 'is no program' : found.why}: name one of 0.${minorMin} or later, or unset ALERTMANAGER`,
    );
  }
  for (const directory of (environment['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(directory, 'alertmanager');
    const found = await examine(path);
    if (found.kind === 'usable') return { path, version: found.version, source: 'PATH' };
    if (found.kind === 'unusable') tell(`${path} ${found.why}: looking further`);
  }
  const cache = join(cacheDirectory, 'alertmanager', builtVersion);
  const kept = await examine(join(cache, 'alertmanager'));
  if (kept.kind === 'usable') return { path: join(cache, 'alertmanager'), version: kept.version, source: 'the cache' };
  return build(cache, places);
}

const downloadSchema = z.object({ Dir: z.string() });

/** The module lacks the built web page, which the program embeds: `go install` refuses it. So it is copied, given an empty page, and built there. */
async function build(cache: string, { environment, signal, tell }: ProgramPlaces): Promise<Alertmanager> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'making-'));
  try {
    const making: Making = { directory, environment, signal, tell };
    const go = await goVersion(making);
    if (go === null) throw nowhere('there is no go command on PATH to build it with');
    tell(`building alertmanager with ${go}; the first time this takes minutes`);
    await buildIn(directory, making).catch((error: unknown) => {
      signal.throwIfAborted();
      throw nowhere(`building it with ${go} failed (${error instanceof Error ? error.message : String(error)})`);
    });
    const found = await examine(join(directory, 'alertmanager'));
    if (found.kind !== 'usable') throw nowhere(`what ${go} built ${found.kind === 'unusable' ? found.why : 'is not there'}`);
    await rename(join(directory, 'alertmanager'), join(cache, 'alertmanager'));
    return { path: join(cache, 'alertmanager'), version: found.version, source: 'a build with go' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function buildIn(directory: string, making: Making): Promise<void> {
  const printed = await runGo(['mod', 'download', '-json', `${module}@v${builtVersion}`], making, directory);
  const source = join(directory, 'source');
  await cp(downloadSchema.parse(JSON.parse(printed)).Dir, source, { recursive: true });
  await makeWritable(source);
  await mkdir(join(source, 'ui/app/dist'), { recursive: true });
  await writeFile(join(source, 'ui/app/dist/index.html'), '<!doctype html><title>Alertmanager</title>\n');
  const ldflags = `-s -w -X github.com/prometheus/common/version.Version=${builtVersion}`;
  await runGo(['build', '-trimpath', '-ldflags', ldflags, '-o', join(directory, 'alertmanager'), './cmd/alertmanager'], making, source);
}

/** The module cache is read-only, and so is a copy of it. */
async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await makeWritable(path);
    else await chmod(path, 0o644);
  }
}

function nowhere(why: string): StartFailed {
  return new StartFailed(
    `alertmanager is nowhere to be had (PATH and the cache have none of 0.${minorMin} or later; ${why}): install Go 1.21 or later, or set ALERTMANAGER to one`,
  );
}

type Found = { readonly kind: 'usable'; readonly version: string } | { readonly kind: 'absent' } | { readonly kind: 'unusable'; readonly why: string };

async function examine(path: string): Promise<Found> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return { kind: 'absent' };
  }
  try {
    const { stdout, stderr } = await run(path, ['--version'], { env: {}, timeout: answerMilliseconds });
    return judgeVersion(`${stdout}${stderr}`);
  } catch (error) {
    return { kind: 'unusable', why: `does not run (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})` };
  }
}

/** `alertmanager, version 0.34.0 (branch: …`. */
export function judgeVersion(printed: string): Found {
  const [, version, major, minor] = /version (v?(\d+)\.(\d+)\.\d+\S*)/.exec(printed) ?? [];
  if (version === undefined) return { kind: 'unusable', why: 'does not say its version' };
  const isRecent = Number(major) > 0 || Number(minor) >= minorMin;
  return isRecent ? { kind: 'usable', version } : { kind: 'unusable', why: `is ${version}, and 0.${minorMin} or later is needed` };
}
