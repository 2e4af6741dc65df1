import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigYaml } from '../local/sandbox/https-kubeconfig.ts';
import { adminToken, anHttpsWorld, type HttpsWorld } from '../../test/support/https.ts';
import { bundleWatcher } from './bundle.ts';

const nobody = 65_532; // as in the image
const isRoot = process.getuid?.() === 0;
const bundleBytesMax = 2 * 1024 * 1024; // measured 1.4 MB: nearly all of it are the clients of the cluster and of the queues

let directory = '';
let node = process.execPath;

/** The bundle alone in a directory, where nothing can be resolved from; run as nobody by a root, as the image does, and by anybody else as oneself. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-watcher-'));
  await bundleWatcher(join(directory, 'watcher.mjs'));
  await chmod(directory, 0o755);
  if (isRoot) {
    // Nobody may not be allowed to look where this Node lies.
    node = join(directory, 'node');
    await copyFile(process.execPath, node);
    await chmod(node, 0o755);
  }
}, 180_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

function start(variables: Readonly<Record<string, string>>) {
  const child = spawn(node, ['watcher.mjs'], {
    cwd: directory,
    env: { HOME: '/home/nonroot', ...variables }, // the image says it too, and nothing is there
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: nobody, gid: nobody }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]: readonly unknown[]) => code as number | null);
  return { child, output, ended };
}

describe("the watcher's bundle", () => {
  it('is one file of a size that was decided on', async () => {
    expect((await readdir(directory)).filter((name) => name !== 'node')).toEqual(['watcher.mjs']);
    expect((await stat(join(directory, 'watcher.mjs'))).size).toBeLessThan(bundleBytesMax);
  });

  it('says in one sentence what it lacks', async () => {
    const { output, ended } = start({});
    expect(await ended).toBe(1);
    expect(output).toEqual({ stdout: '', stderr: expect.stringMatching(/^watcher: KUBERNAUT_QUEUE_URL_PREFIX: must be [^\n]+\n$/) });
  });

  describe('in front of an API server', () => {
    let api: HttpsWorld;
    beforeAll(async () => {
      api = await anHttpsWorld();
    });
    afterAll(() => api.close());

    it('starts, answers probes and scrapes, and ends by SIGTERM', async () => {
      const kubeconfig = join(directory, 'kubeconfig');
      await writeFile(kubeconfig, kubeconfigYaml({ ...api.front, token: adminToken }), { mode: 0o644 });
      const { child, output, ended } = start({
        KUBERNAUT_QUEUE_URL_PREFIX: 'http://127.0.0.1:9/queues/',
        KUBERNAUT_KUBECONFIG_FILE: kubeconfig,
        KUBERNAUT_WATCHER_PORT: '0',
        AWS_REGION: 'eu-central-1',
      });
      while (!output.stdout.includes('watching') && child.exitCode === null) await wait(20);
      // That server knows none of our kinds: it may say so already, as a warning, and go on.
      expect(output.stderr).not.toContain('"level":"ERROR"');
      const url = `http://127.0.0.1:${/"port":(\d+)/.exec(output.stdout)?.[1] ?? ''}`;
      expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('# TYPE kubernaut_watcher_lists_total counter');
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    });
  });
});
