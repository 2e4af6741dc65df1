import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAlertmanager } from './find-alertmanager.ts';

let place = '';
let told: string[] = [];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kubernaut-find-alertmanager-'));
  told = [];
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function script(path: string, content: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${content}\n`);
  await chmod(path, 0o755);
  return path;
}
const saying = (version: string) => `echo "alertmanager, version ${version} (branch: HEAD, revision: abc)"`;
const find = (environment: Record<string, string> = {}) =>
  findAlertmanager({ environment, cacheDirectory: join(place, 'cache'), signal: new AbortController().signal, tell: (line) => told.push(line) });

describe('Alertmanager', () => {
  it('is the one that ALERTMANAGER names, whatever else there is', async () => {
    const path = await script(join(place, 'mine'), saying('0.35.1'));
    await script(join(place, 'path/alertmanager'), saying('0.34.0'));
    expect(await find({ ALERTMANAGER: path, PATH: join(place, 'path') })).toEqual({ path, version: '0.35.1', source: 'ALERTMANAGER' });
  });

  it('is the first on PATH that is recent enough, and it is said which are not', async () => {
    await script(join(place, 'old/alertmanager'), saying('0.25.0'));
    const path = await script(join(place, 'new/alertmanager'), saying('0.34.0'));
    expect(await find({ PATH: `${place}/none:${place}/old:${place}/new` })).toEqual({ path, version: '0.34.0', source: 'PATH' });
    expect(told).toEqual([`${place}/old/alertmanager is 0.25.0, and 0.34 or later is needed: looking further`]);
  });

  it('is the one in the cache when there is no other', async () => {
    const path = await script(join(place, 'cache/alertmanager/0.34.0/alertmanager'), saying('0.34.0'));
    expect(await find()).toEqual({ path, version: '0.34.0', source: 'the cache' });
  });

  it.each<[sentence: string, environment: () => Promise<Record<string, string>>, words: RegExp]>([
    ['ALERTMANAGER names nothing', async () => ({ ALERTMANAGER: join(place, 'nowhere') }), /^ALERTMANAGER=\S+ is no program: name one of 0\.34 or later/],
    [
      'ALERTMANAGER is too old',
      async () => ({ ALERTMANAGER: await script(join(place, 'am'), saying('0.25.0')) }),
      /is 0\.25\.0, and 0\.34 or later is needed: /,
    ],
    ['it does not run', async () => ({ ALERTMANAGER: await script(join(place, 'am'), 'exit 3') }), /does not run \(.*\): name one/],
    [
      'there is no Go',
      async () => ({}),
      /^alertmanager is nowhere to be had \(.*there is no go command on PATH to build it with\): install Go 1\.21 or later, or set ALERTMANAGER/,
    ],
  ])('is refused in one sentence when %s', async (_sentence, environment, words) => {
    await expect(find(await environment())).rejects.toThrow(words);
  });
});
