import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartFailed } from '../stack/start-failed.ts';
import { findAlertmanager } from './alertmanager.ts';
import { findHelm } from './helm.ts';

let place = '';
let told: string[] = [];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kubernaut-find-program-'));
  told = [];
});
afterEach(() => rm(place, { recursive: true, force: true }));

const cached = () => join(place, 'cache/helm/3.22.0');

async function script(path: string, content: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${content}\n`);
  await chmod(path, 0o755);
  return path;
}
const saying = (version: string) => `echo ${version}`;
const places = (environment: Record<string, string>) => ({
  environment,
  cacheDirectory: join(place, 'cache'),
  signal: new AbortController().signal,
  tell: (line: string) => told.push(line),
});
const find = (environment: Record<string, string> = {}) => findHelm(places(environment));

/** A go that installs what the script says, where and only if it is asked as go wants it. */
const goThatInstalls = (helm: string) =>
  script(
    join(place, 'go/go'),
    `[ "$1" = env ] && echo go1.26.8 && exit\n[ "$1" = install ] && [ "$GOWORK$CGO_ENABLED" = off0 ] || exit 9\nprintf '#!/bin/sh\\n%s\\n' '${helm}' > "$GOBIN/helm"\n/bin/chmod 755 "$GOBIN/helm"`,
  );

describe('helm', () => {
  it('is the one that HELM names, whatever else there is', async () => {
    const path = await script(join(place, 'mine'), saying('v4.0.1'));
    await script(join(place, 'path/helm'), saying('v3.19.0'));
    expect(await find({ HELM: path, PATH: join(place, 'path') })).toEqual({ path, version: 'v4.0.1', source: 'HELM' });
  });

  it('is the first on PATH that is recent enough, and it is said which are not', async () => {
    await script(join(place, 'old/helm'), saying('v3.16.4'));
    const path = await script(join(place, 'new/helm'), saying('v3.17.0'));
    expect(await find({ PATH: `${place}/none:${place}/old:${place}/new` })).toEqual({ path, version: 'v3.17.0', source: 'PATH' });
    expect(told).toEqual([`${place}/old/helm is v3.16.4, and v3.17 or later is needed: looking further`]);
  });

  it('is built with go when there is none, and in the cache the next time', async () => {
    await goThatInstalls(saying('v3.22.0'));
    const path = join(cached(), 'helm');
    expect(await find({ PATH: `${place}/go` })).toEqual({ path, version: 'v3.22.0', source: 'a build with go' });
    expect(await readdir(cached())).toEqual(['helm']);
    expect(await find()).toEqual({ path, version: 'v3.22.0', source: 'the cache' });
  });

  it.each<[sentence: string, prepare: () => Promise<unknown>, words: RegExp]>([
    ['HELM names nothing', () => find({ HELM: join(place, 'nowhere') }), /^HELM=\S+ is no program: set it to a helm of 3\.17 or later, or unset HELM$/],
    [
      'HELM is too old',
      async () => find({ HELM: await script(join(place, 'helm'), saying('v2.17.0')) }),
      /^HELM=\S+ is v2\.17\.0, and v3\.17 or later is needed: /,
    ],
    ['HELM does not run', async () => find({ HELM: await script(join(place, 'helm'), 'exit 3') }), /^HELM=\S+ does not run \(.*\): set it to a helm/],
    [
      'there is no Go',
      () => find(),
      /^helm is nowhere to be had \(PATH and the cache have none of 3\.17 or later; there is no go command on PATH to build it with\): install Go 1\.21 or later, or set HELM to a helm$/,
    ],
    [
      'the build fails',
      async () => {
        await script(join(place, 'go/go'), '[ "$1" = env ] && echo go1.26.8 && exit\necho "go: no network" >&2; exit 1');
        return find({ PATH: `${place}/go` });
      },
      /building it with go1\.26\.8 failed \(go: no network\)\): install Go/,
    ],
    [
      'what was built is of no use',
      async () => {
        await goThatInstalls('exit 2');
        return find({ PATH: `${place}/go` });
      },
      /what go1\.26\.8 built does not run/,
    ],
  ])('is refused in one sentence when %s', async (_sentence, prepare, words) => {
    const refusal = await prepare().then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(StartFailed);
    expect((refusal as StartFailed).message).toMatch(words);
    expect((refusal as StartFailed).message).not.toContain('\n');
    expect(await readdir(cached()).catch(() => [])).toEqual([]);
  });
});

describe('alertmanager', () => {
  it('says its version in a sentence, and is passed by where it is one that distributions have', async () => {
    await script(join(place, 'old/alertmanager'), 'echo "alertmanager, version 0.25.0 (branch: HEAD, revision: abc)" >&2');
    const path = await script(join(place, 'new/alertmanager'), 'echo "alertmanager, version 0.34.0 (branch: HEAD, revision: abc)"');
    expect(await findAlertmanager(places({ PATH: `${place}/old:${place}/new` }))).toEqual({ path, version: '0.34.0', source: 'PATH' });
    expect(told).toEqual([`${place}/old/alertmanager is 0.25.0, and 0.34 or later is needed: looking further`]);
  });
});
