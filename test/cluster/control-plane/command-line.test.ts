import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheDirectoryOf } from '../../../infra/local/cache-directory.ts';
import { findPrograms, type Programs } from '../../../infra/local/control-plane/find-programs.ts';
import { kubernetesVersion, programs } from '../../../infra/local/control-plane/release.ts';
import { lastProcessesAbout, processesAbout } from '../../support/left-processes.ts';
import { root } from '../../support/real-stack.ts';

let place = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'control-plane-cli-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

let real: Programs;
beforeAll(async () => {
  const { signal } = new AbortController();
  real = await findPrograms({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal, tell: () => undefined });
});

/** A network that lets nobody out, whatever this machine's does. */
const noNetwork = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };

function kubernaut(argv: readonly string[], variables: Readonly<Record<string, string>> = {}): ChildProcessByStdio<null, Readable, Readable> {
  const { KUBEBUILDER_ASSETS: _none, ...environment } = process.env;
  return spawn(process.execPath, ['infra/cli/kubernaut.mjs', ...argv], {
    cwd: root,
    // What is started lies below its directory for temporary files, so what is left of it can be found.
    env: { ...environment, TMPDIR: place, XDG_RUNTIME_DIR: place, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outcomeOf(argv: readonly string[], variables?: Readonly<Record<string, string>>) {
  const child = kubernaut(argv, variables);
  const [complaint, printed, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit') as Promise<[number]>]);
  return { code, complaint, printed };
}

/** Goes on reading after that: a program that nobody reads would be ended by it. */
function printedUntil(stdout: Readable, last: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.includes(last)) resolve(printed);
    });
    stdout.on('end', () => {
      reject(new Error(`ended without saying "${last}": ${printed}`));
    });
  });
}

async function nothingIsLeft(): Promise<void> {
  expect(await lastProcessesAbout(place)).toEqual([]);
  expect((await readdir(place)).filter((name) => name.startsWith('kubernaut-'))).toEqual([]);
}

async function script(directory: string, name: string, content: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), `#!/bin/sh\n${content}\n`);
  await chmod(join(directory, name), 0o755);
}

async function linkAllBut(name: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const program of programs.filter((each) => each !== name)) await symlink(real[program].path, join(directory, program));
}

/** The real programs, but for one. */
async function assetsWith(name: string, content: string): Promise<string> {
  const assets = join(place, 'assets');
  await script(assets, name, content);
  await linkAllBut(name, assets);
  return assets;
}

describe('kubernaut demo --cluster real', () => {
  it.each<[sentence: string, arrange: () => Promise<Readonly<Record<string, string>>>, words: RegExp]>([
    [
      'there is neither network nor Go',
      async () => ({ ...noNetwork, XDG_CACHE_HOME: join(place, 'cache'), PATH: join(place, 'nothing') }),
      /^error: etcd 3\.6\.6 is nowhere to be had \(.*; downloading it failed \(.*\); there is no go command on PATH to build it with\): install Go 1\.21 or later, or set KUBEBUILDER_ASSETS .*\n$/,
    ],
    [
      'everything is there but etcd',
      async () => {
        await linkAllBut('etcd', join(place, 'cache/kubernaut/control-plane', kubernetesVersion));
        return { ...noNetwork, XDG_CACHE_HOME: join(place, 'cache'), PATH: join(place, 'nothing') };
      },
      /^error: etcd 3\.6\.6 is nowhere to be had .*\n$/,
    ],
    [
      'KUBEBUILDER_ASSETS holds another version',
      async () => ({ KUBEBUILDER_ASSETS: await assetsWith('kube-apiserver', 'echo Kubernetes v1.34.2') }),
      /^error: KUBEBUILDER_ASSETS=\S+: kube-apiserver there is 1\.34\.2, and 1\.36 is needed: .*\n$/,
    ],
    [
      'the API server does not stay up',
      async () => ({
        KUBEBUILDER_ASSETS: await assetsWith(
          'kube-apiserver',
          `[ "$1" = --version ] && echo Kubernetes v${kubernetesVersion} && exit; echo 'Error: no luck'; exit 3`,
        ),
      }),
      /^error: the control plane did not start: kube-apiserver ended with 3: Error: no luck\n$/,
    ],
  ])('ends in one sentence when %s', async (_sentence, arrange, words) => {
    const { code, complaint } = await outcomeOf(['demo', '--cluster', 'real'], await arrange());
    expect(complaint).toMatch(words);
    expect(code).toBe(1);
    await nothingIsLeft();
  });
});

describe('kubernaut programs', () => {
  const withoutGo = async (absent: string) => {
    await linkAllBut(absent, join(place, 'cache/kubernaut/control-plane', kubernetesVersion));
    return { ...noNetwork, XDG_CACHE_HOME: join(place, 'cache'), PATH: join(place, 'nothing'), HELM: '' };
  };

  it.each<[sentence: string, absent: string, words: RegExp]>([
    ['etcd', 'etcd', /^error: etcd 3\.6\.6 is nowhere to be had .*\n$/],
    [
      'helm',
      'helm',
      /^error: helm is nowhere to be had \(.*; there is no go command on PATH to build it with\): install Go 1\.21 or later, or set HELM to a helm\n$/,
    ],
  ])('ends in one sentence when there is neither %s nor Go', async (_sentence, absent, words) => {
    const { code, complaint } = await outcomeOf(['programs'], await withoutGo(absent));
    expect(complaint).toMatch(words);
    expect(code).toBe(1);
    await nothingIsLeft();
  });

  it('says of each where it is', async () => {
    const { code, printed } = await outcomeOf(['programs']);
    expect(printed.split('\n').filter((line) => /^(etcd|kube-[a-z-]+|helm|kubectl) v?\d+\.\d+\.\d+\S*( from .*)?: \//.test(line))).toHaveLength(
      programs.length + 2,
    );
    expect(code).toBe(0);
  });
});

describe('kubernaut start --cluster real', () => {
  it('ends in one sentence when the port is taken', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const { code, complaint } = await outcomeOf(['start', '--cluster', 'real', '--api-port', String(port)]);
      expect(complaint).toBe(`error: port ${port} for the Kubernetes API is in use: stop what listens there, or give another with --api-port\n`);
      expect(code).toBe(1);
    } finally {
      server.close();
    }
    await nothingIsLeft();
  });

  it.each<[sentence: string, signal: NodeJS.Signals, code: number | null]>([
    ['a Ctrl-C', 'SIGINT', 0],
    ['its own death', 'SIGKILL', null],
  ])('leaves no process behind after %s', async (_sentence, signal, code) => {
    const child = kubernaut(['start', '--cluster', 'real', '--api-port', '0', '--webhook-port', '0', '--queue-port', '0']);
    child.stderr.resume();
    const printed = await printedUntil(child.stdout, 'What happens is told here');
    expect(printed).toMatch(/^etcd 3\.6\.\d+ from /m);
    expect(printed).toMatch(/^kube-apiserver 1\.36\.\d+ from /m);
    expect(printed).toMatch(/^kube-controller-manager 1\.36\.\d+ from /m);
    expect(printed).toMatch(/^kube-scheduler 1\.36\.\d+ from /m);
    expect(processesAbout(place).length).toBeGreaterThanOrEqual(programs.length);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect(await lastProcessesAbout(place)).toEqual([]);
  });
});
