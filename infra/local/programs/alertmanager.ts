import { chmod, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FoundProgram, ProgramPlaces } from '../control-plane/find-programs.ts';
import { runGo } from '../control-plane/go-command.ts';
import type { Making } from '../control-plane/maker.ts';
import type { Found } from '../control-plane/program-version.ts';
import { findProgram } from './find-program.ts';

const version = '0.34.0';
const minorMin = 34; // what the webhook is held against; distributions have some that are years older
const minimum = `0.${minorMin}`;
const module = 'github.com/prometheus/alertmanager';

/** The Alertmanager that ALERTMANAGER names, else one on PATH, else the cache's, else one that is built from its module. Throws StartFailed. */
export function findAlertmanager(places: ProgramPlaces): Promise<FoundProgram> {
  return findProgram({ name: 'alertmanager', variable: 'ALERTMANAGER', version, minimum, versionArgv: ['--version'], judgeVersion, build }, places);
}

const downloadSchema = z.object({ Dir: z.string() });

/** The module lacks the built web page, which the program embeds: `go install` refuses it. So it is copied, given an empty page, and built there. */
async function build(making: Making): Promise<void> {
  const { directory } = making;
  const printed = await runGo(['mod', 'download', '-json', `${module}@v${version}`], making, directory);
  const source = join(directory, 'source');
  await cp(downloadSchema.parse(JSON.parse(printed)).Dir, source, { recursive: true });
  await makeWritable(source);
  await mkdir(join(source, 'ui/app/dist'), { recursive: true });
  await writeFile(join(source, 'ui/app/dist/index.html'), '<!doctype html><title>Alertmanager</title>\n');
  const ldflags = `-s -w -X github.com/prometheus/common/version.Version=${version}`;
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

/** `alertmanager, version 0.34.0 (branch: …`. */
function judgeVersion(printed: string): Found {
  const [, found, major, minor] = /version (v?(\d+)\.(\d+)\.\d+\S*)/.exec(printed) ?? [];
  if (found === undefined) return { kind: 'unusable', why: 'does not say its version' };
  const isRecent = Number(major) > 0 || Number(minor) >= minorMin;
  return isRecent ? { kind: 'usable', version: found } : { kind: 'unusable', why: `is ${found}, and ${minimum} or later is needed` };
}
