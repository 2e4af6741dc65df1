import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPythonProgram } from './python-program.ts';
import { StartFailed } from './stack/start-failed.ts';

const wanted = { program: 'lint-it', package: 'lint-it==2.0.0', variable: 'LINT_IT' };

let directory: string;
const script = async (path: string, text: string) => {
  await mkdir(join(directory, path, '..'), { recursive: true });
  await writeFile(join(directory, path), `#!/bin/sh\n${text}\n`);
  await chmod(join(directory, path), 0o755);
};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-python-'));
  await script('path/lint-it', 'echo lint-it 1.0.0');
  await script('named/lint-it', 'echo lint-it 3.0.0');
  await script('python/python3', 'exit 1');
  await script('broken/lint-it', 'exit 1');
  await script('cache/python/lint-it==2.0.0/bin/lint-it', 'echo lint-it 2.0.0');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const found = (environment: Readonly<Record<string, string>>, cache = 'cache') =>
  findPythonProgram(wanted, { environment, cacheDirectory: join(directory, cache), signal: new AbortController().signal, tell: () => undefined });

describe('a program of PyPI', () => {
  it.each<[sentence: string, environment: Readonly<Record<string, string>>, version: string, source: string]>([
    ['that the variable names, before any other', { LINT_IT: 'named/lint-it', PATH: 'path' }, '3.0.0', 'LINT_IT'],
    ['on PATH', { PATH: 'path' }, '1.0.0', 'PATH'],
    ['in the cache, where that on PATH does not answer', { PATH: 'broken' }, '2.0.0', 'the cache'],
  ])('is the one %s', async (_sentence, environment, version, source) => {
    const absolute = Object.fromEntries(Object.entries(environment).map(([name, path]) => [name, join(directory, path)]));
    expect(await found(absolute)).toMatchObject({ version, source });
  });

  it('is not replaced when the variable names one of no use', async () => {
    await expect(found({ LINT_IT: join(directory, 'broken/lint-it'), PATH: '' })).rejects.toThrow(
      /LINT_IT=.* does not answer --version: name a lint-it that does, or unset LINT_IT/,
    );
  });

  it('says what to do where it cannot be installed', async () => {
    const failed = found({ PATH: join(directory, 'python') }, 'empty');
    await expect(failed).rejects.toThrow(StartFailed);
    await expect(failed).rejects.toThrow(
      /there is no lint-it, and pip did not install lint-it==2.0.0 .*: install it and python3's venv, or name one by LINT_IT/,
    );
  });
});
