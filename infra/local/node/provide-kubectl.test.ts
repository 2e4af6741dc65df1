import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartFailed } from '../stack/start-failed.ts';
import { provideKubectl } from './provide-kubectl.ts';

let place = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kubernaut-provide-kubectl-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

const provide = (environment: Record<string, string>) =>
  provideKubectl({ environment, cacheDirectory: join(place, 'cache'), signal: new AbortController().signal, tell: () => undefined });

async function script(path: string, content: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${content}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('a kubectl', () => {
  it('is not built where there is one', async () => {
    const path = await script(join(place, 'bin/kubectl'), `echo '{"clientVersion":{"gitVersion":"v1.36.3"}}'`);
    expect(await provide({ PATH: join(place, 'bin') })).toEqual({ path, version: 'v1.36.3' });
  });

  it.each<[sentence: string, prepare: () => Promise<Record<string, string>>, words: RegExp]>([
    [
      'there is no Go',
      async () => ({ PATH: join(place, 'nothing') }),
      /^kubectl is nowhere to be had \(PATH and the cache have none of 1\.30 or later; there is no go command on PATH to build it with\): install kubectl or Go 1\.21 or later, or set KUBECTL to a kubectl$/,
    ],
    [
      'the build fails',
      async () => {
        await script(join(place, 'go/go'), '[ "$1" = env ] && echo go1.26.8 && exit\necho "go: no network" >&2; exit 1');
        return { PATH: join(place, 'go') };
      },
      /building it with go1\.26\.8 failed \(go: no network\)\): install kubectl/,
    ],
    ['KUBECTL is of no use', async () => ({ KUBECTL: join(place, 'nowhere') }), /^KUBECTL=\S+: is no program: name a kubectl/],
  ])('is refused in one sentence when %s', async (_sentence, prepare, words) => {
    const refusal = await provide(await prepare()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartFailed);
    expect((refusal as StartFailed).message).toMatch(words);
    expect((refusal as StartFailed).message).not.toContain('\n');
    expect(await readdir(join(place, 'cache')).catch(() => [])).toEqual([]);
  });
});
