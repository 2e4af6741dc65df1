import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../shared/clock.ts';
import { spawnKubectl, type ProcessOptions } from './spawn-kubectl.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spawn-kubectl-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Grace is over as soon as it is asked for. */
const impatient: Clock = { now: () => '2026-01-15T10:00:00Z', milliseconds: () => 0, sleep: () => Promise.resolve() };
/** Grace never ends. */
const patient: Clock = {
  ...impatient,
  sleep: (_milliseconds, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('it ended in time')))),
};

async function aProgram(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

async function outcomeOf(options: Partial<ProcessOptions> & Pick<ProcessOptions, 'path'>, seen: (output: string) => void = () => undefined) {
  let output = '';
  const log = (text: string): void => {
    output += text;
    seen(output);
  };
  const defaults = { argv: [], environment: {}, workingDirectory: directory, signal: new AbortController().signal, graceSeconds: 5, clock: patient };
  const exit = await spawnKubectl({ ...defaults, ...options, log });
  return { ...exit, output };
}

describe('a kubectl process', () => {
  it('has the environment that it is given, and nothing of ours', async () => {
    expect(await outcomeOf({ path: '/usr/bin/env', environment: { HOME: '/h', KUBECONFIG: '/k' } })).toEqual({
      exitCode: 0,
      output: 'HOME=/h\nKUBECONFIG=/k\n',
    });
  });

  it('gets its arguments as they are: no shell looks at them', async () => {
    const argv = ['%s|', '$(id)', '; rm -rf /', '`id`', "it's", '* ?'];
    expect((await outcomeOf({ path: '/usr/bin/printf', argv })).output).toBe("$(id)|; rm -rf /|`id`|it's|* ?|");
  });

  it('gives both streams and its exit code', async () => {
    const path = await aProgram('both', 'echo out; echo err >&2; exit 7');
    const { exitCode, output } = await outcomeOf({ path });
    expect(exitCode).toBe(7);
    expect(new Set(output.trim().split('\n'))).toEqual(new Set(['out', 'err']));
  });

  it('puts a character together that came in two pieces', async () => {
    const path = await aProgram('pieces', "printf '\\303'; sleep 0.05; printf '\\244\\n'");
    expect((await outcomeOf({ path })).output).toBe('ä\n');
  });

  it('is asked to end, and may end in its own way', async () => {
    const abort = new AbortController();
    const path = await aProgram('polite', "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done");
    const { exitCode, output } = await outcomeOf({ path, signal: abort.signal }, (text) => text === 'up\n' && abort.abort());
    expect(exitCode).toBe(3);
    // On its other stream the shell may say that the sleep it was waiting for was ended too.
    expect(output.split('\n')).toEqual(expect.arrayContaining(['up', 'bye']));
  });

  it('is killed when its grace is over, with all that it started', async () => {
    const abort = new AbortController();
    const path = await aProgram('stubborn', "trap '' TERM; (trap '' TERM; while :; do sleep 0.01; done) & echo up; while :; do sleep 0.01; done");
    const { exitCode } = await outcomeOf({ path, signal: abort.signal, clock: impatient }, () => abort.abort());
    expect(exitCode).toBe(137);
  });

  it('does not begin once it is told to end', async () => {
    const abort = new AbortController();
    abort.abort();
    expect(await outcomeOf({ path: '/usr/bin/env', signal: abort.signal })).toEqual({ exitCode: 143, message: 'ended before it began', output: '' });
  });

  it('that cannot be started says why', async () => {
    const { exitCode, message } = await outcomeOf({ path: join(directory, 'absent') });
    expect({ exitCode, message }).toEqual({ exitCode: 127, message: expect.stringMatching(/^kubectl could not be started: .*ENOENT/) as string });
  });
});
