import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectl } from './find-kubectl.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-kubectl-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A directory with a program that answers as a kubectl of this version does. */
async function aKubectl(name: string, version: string): Promise<string> {
  const directory = join(root, name);
  await mkdir(directory, { recursive: true });
  const answer = JSON.stringify({ clientVersion: { gitVersion: version }, kustomizeVersion: 'v5' });
  await writeFile(join(directory, 'kubectl'), `#!/bin/sh\necho '${answer}'\n`);
  await chmod(join(directory, 'kubectl'), 0o755);
  return directory;
}

describe('the search for kubectl', () => {
  it('takes what KUBECTL names before anything else', async () => {
    const [named, onPath, cached] = await Promise.all([aKubectl('named', 'v1.33.1'), aKubectl('path', 'v1.34.0'), aKubectl('cache', 'v1.36.3')]);
    const path = join(named, 'kubectl');
    expect(await findKubectl({ environment: { KUBECTL: path, PATH: onPath }, cacheDirectory: cached })).toEqual({ path, version: 'v1.33.1' });
  });

  it('takes the first on PATH that is new enough, then the cache', async () => {
    const [old, usable, cached] = await Promise.all([aKubectl('old', 'v1.29.9'), aKubectl('usable', 'v1.30.0-dispatcher'), aKubectl('cache', 'v1.36.3')]);
    const environment = { PATH: ['/nonexistent', '', old, usable].join(':') };
    expect(await findKubectl({ environment, cacheDirectory: cached })).toEqual({ path: join(usable, 'kubectl'), version: 'v1.30.0-dispatcher' });
    expect(await findKubectl({ environment: { PATH: old }, cacheDirectory: cached })).toEqual({ path: join(cached, 'kubectl'), version: 'v1.36.3' });
  });

  it('finds none where there is none', async () => {
    expect(await findKubectl({ environment: { PATH: '/nonexistent' }, cacheDirectory: join(root, 'empty') })).toBeNull();
    expect(await findKubectl({ environment: {}, cacheDirectory: join(root, 'empty') })).toBeNull();
  });

  it('says what is wrong with the one that KUBECTL names', async () => {
    const old = join(await aKubectl('old', 'v1.29.9'), 'kubectl');
    await expect(findKubectl({ environment: { KUBECTL: old }, cacheDirectory: root })).rejects.toThrow(
      `KUBECTL=${old}: is version v1.29.9: name a kubectl of 1.30 or later, or unset it`,
    );
    await expect(findKubectl({ environment: { KUBECTL: '/nonexistent/kubectl' }, cacheDirectory: root })).rejects.toThrow(
      'KUBECTL=/nonexistent/kubectl: is no program',
    );
    await expect(findKubectl({ environment: { KUBECTL: '/bin/true' }, cacheDirectory: root })).rejects.toThrow('does not answer "version --client"');
  });
});
