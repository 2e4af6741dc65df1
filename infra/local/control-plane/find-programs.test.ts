import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartFailed } from '../stack/start-failed.ts';
import { findPrograms, programLines } from './find-programs.ts';
import { goBuild } from './go-build.ts';
import type { Maker } from './maker.ts';
import { programs, type Program } from './release.ts';

let place = '';
let told: string[] = [];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kubernaut-find-programs-'));
  told = [];
});
afterEach(() => rm(place, { recursive: true, force: true }));

const cache = () => join(place, 'cache/control-plane/1.36.3');
const says = (program: Program, version: string) => (program === 'etcd' ? `etcd Version: ${version}` : `Kubernetes v${version}`);
const versions: Readonly<Record<Program, string>> = {
  etcd: '3.6.6',
  'kube-apiserver': '1.36.3',
  'kube-controller-manager': '1.36.3',
  'kube-scheduler': '1.36.3',
};

/** A program that knows nothing but its version. */
async function put(directory: string, program: Program, version = versions[program]): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, program), `#!/bin/sh\necho '${says(program, version)}'\n`);
  await chmod(join(directory, program), 0o755);
}
const putAll = async (directory: string) => {
  for (const program of programs) await put(directory, program);
};
const find = (environment: Record<string, string> = {}, makers: readonly Maker[] = [noNetwork]) =>
  findPrograms({ environment, cacheDirectory: join(place, 'cache'), signal: new AbortController().signal, tell: (line) => told.push(line) }, makers);
const noNetwork: Maker = { source: 'a mirror', make: async () => ({ programs: [], why: 'downloading it failed (no network)' }) };
const mirror = (version?: string): Maker => ({
  source: 'a mirror',
  async make(wanted, { directory }) {
    for (const program of wanted) await put(directory, program, version);
    return { programs: wanted, why: null };
  },
});

describe('the programs of a control plane', () => {
  it('are those of KUBEBUILDER_ASSETS, and of the cache where that has none', async () => {
    await putAll(cache());
    await put(join(place, 'assets'), 'kube-apiserver', '1.36.0');
    const found = await find({ KUBEBUILDER_ASSETS: join(place, 'assets') });
    expect(programLines(found)).toEqual([
      `etcd 3.6.6 from the cache: ${cache()}/etcd`,
      `kube-apiserver 1.36.0 from KUBEBUILDER_ASSETS: ${place}/assets/kube-apiserver`,
      `kube-controller-manager 1.36.3 from the cache: ${cache()}/kube-controller-manager`,
      `kube-scheduler 1.36.3 from the cache: ${cache()}/kube-scheduler`,
    ]);
  });

  it('are made by the first who can, each, and are in the cache the next time', async () => {
    const onlyEtcd: Maker = {
      source: 'a shelf',
      async make(_wanted, { directory }) {
        await put(directory, 'etcd');
        return { programs: ['etcd'], why: 'the shelf holds no kube-apiserver' };
      },
    };
    const made = await find({}, [onlyEtcd, mirror()]);
    expect(programs.map((program) => made[program].source)).toEqual(['a shelf', 'a mirror', 'a mirror', 'a mirror']);
    expect((await readdir(cache())).toSorted()).toEqual([...programs].toSorted());
    const again = await find();
    expect(new Set(programs.map((program) => again[program].source))).toEqual(new Set(['the cache']));
  });

  it('are made anew, and it is said, when what the cache holds is of no use', async () => {
    await putAll(cache());
    await put(cache(), 'kube-scheduler', '1.35.2');
    await writeFile(join(cache(), 'etcd'), 'half a file');
    const found = await find({}, [mirror()]);
    expect(found['kube-scheduler']).toMatchObject({ version: '1.36.3', source: 'a mirror' });
    expect(told.toSorted()).toEqual([
      expect.stringMatching(/etcd does not run \(.*\): making it anew$/),
      `${cache()}/kube-scheduler is 1.35.2, and 1.36 is needed: making it anew`,
    ]);
  });

  it.each<[sentence: string, prepare: () => Promise<unknown>, words: RegExp]>([
    [
      'KUBEBUILDER_ASSETS holds another version',
      async () => {
        await put(join(place, 'assets'), 'kube-apiserver', '1.34.1');
        return find({ KUBEBUILDER_ASSETS: join(place, 'assets') });
      },
      /^KUBEBUILDER_ASSETS=\S+: kube-apiserver there is 1\.34\.1, and 1\.36 is needed: name a directory with another one, or unset KUBEBUILDER_ASSETS$/,
    ],
    [
      'KUBEBUILDER_ASSETS holds an etcd that is too old',
      async () => {
        await put(join(place, 'assets'), 'etcd', '3.4.23');
        return find({ KUBEBUILDER_ASSETS: join(place, 'assets') });
      },
      /etcd there is 3\.4\.23, and 3\.6 is needed/,
    ],
    [
      'KUBEBUILDER_ASSETS holds a program of another machine',
      async () => {
        await put(join(place, 'assets'), 'kube-apiserver');
        await writeFile(join(place, 'assets/kube-apiserver'), 'MZ');
        return find({ KUBEBUILDER_ASSETS: join(place, 'assets') });
      },
      /kube-apiserver there does not run \(.*\): name a directory with another one, or unset KUBEBUILDER_ASSETS$/,
    ],
    [
      'there is neither network nor Go',
      () => find({ PATH: join(place, 'nowhere') }, [noNetwork, goBuild]),
      /^etcd 3\.6\.6 is nowhere to be had \(KUBEBUILDER_ASSETS and the cache have none; downloading it failed \(no network\); there is no go command on PATH to build it with\): install Go 1\.21 or later, or set KUBEBUILDER_ASSETS to a directory that holds it$/,
    ],
    [
      'everything is there but etcd',
      async () => {
        for (const program of programs.filter((each) => each !== 'etcd')) await put(cache(), program);
        return find();
      },
      /^etcd 3\.6\.6 is nowhere to be had/,
    ],
    ['what was made is of another version', () => find({}, [mirror('1.35.0')]), /^etcd from a mirror is 1\.35\.0, and 3\.6 is needed: set KUBEBUILDER_ASSETS/],
  ])('are refused in one sentence when %s', async (_sentence, prepare, words) => {
    const refusal = await prepare().then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(StartFailed);
    expect((refusal as StartFailed).message).toMatch(words);
    expect((refusal as StartFailed).message).not.toContain('\n');
    // Nothing half made stays behind.
    expect((await readdir(cache()).catch(() => [])).filter((name) => name.startsWith('making-'))).toEqual([]);
  });
});
