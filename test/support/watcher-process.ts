import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startGuard } from '../../infra/local/control-plane/guard.ts';
import { localCredentials, localRegion } from '../../infra/local/queue/received.ts';
import { bundleWatcher } from '../../infra/watcher/bundle.ts';
import { imageSettings } from '../bench/watcher/watcher-process.ts';

export interface WatcherSurroundings {
  /** Private, there already; the bundle and its files lie there. */
  readonly directory: string;
  readonly api: { readonly url: string; readonly caPem: string };
  readonly queues: { readonly endpoint: string; readonly urlPrefix: string };
}

/** The watcher as its image runs it: a bundle, a token in a file, nothing else. It may live several times. */
export interface WatcherProcess {
  /** Resolves when it says that it watches. */
  start(): Promise<void>;
  /** In the middle of whatever it does. */
  kill(): Promise<void>;
  /** It stands still until it is thawed; what it is sent waits. */
  freeze(): void;
  thaw(): void;
  /** What its token file holds from now on. */
  giveToken(token: string): Promise<void>;
  /** Samples of /metrics by their name with labels; null: it does not live, or stands still. */
  figures(): Promise<ReadonlyMap<string, number> | null>;
  /** What it has logged in all its lives, a line each. */
  readonly lines: readonly string[];
  /** Kills it, and leaves nothing running. */
  close(): Promise<void>;
}

const startMilliseconds = 30_000;
const scrapeMilliseconds = 2_000;

export async function aWatcherProcess({ directory, api, queues }: WatcherSurroundings): Promise<WatcherProcess> {
  const bundle = join(directory, 'watcher.mjs');
  const tokenFile = join(directory, 'watcher-token');
  const kubeconfigFile = join(directory, 'watcher-process.kubeconfig');
  await bundleWatcher(bundle);
  await writeFile(kubeconfigFile, kubeconfigOf(api, tokenFile), { mode: 0o600 });
  const guard = await startGuard();
  const lines: string[] = [];
  let child: ChildProcess | null = null;
  let port = '';

  async function end(): Promise<void> {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    guard.forget(child.pid ?? 0);
    child = null;
  }

  return {
    lines,
    async start() {
      const { argv, environment } = imageSettings();
      const env = {
        ...environment,
        KUBERNAUT_QUEUE_URL_PREFIX: queues.urlPrefix,
        KUBERNAUT_KUBECONFIG_FILE: kubeconfigFile,
        KUBERNAUT_WATCHER_PORT: '0',
        AWS_REGION: localRegion,
        AWS_ENDPOINT_URL_SQS: queues.endpoint,
        AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
      };
      const started = spawn(process.execPath, [...argv, bundle], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      guard.watch(started.pid ?? 0);
      const before = lines.length;
      for (const stream of [started.stdout, started.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter((line) => line !== '')));
      }
      port = await portSaid(started, () => lines.slice(before));
    },
    kill: end,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    giveToken: (token) => writeFile(tokenFile, `${token}\n`, { mode: 0o600 }),
    async figures() {
      if (child === null) return null;
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(scrapeMilliseconds) });
        return samplesOf(await answer.text());
      } catch {
        return null;
      }
    },
    async close() {
      await end();
      await guard.dismiss();
    },
  };
}

async function portSaid(child: ChildProcess, said: () => readonly string[]): Promise<string> {
  const end = Date.now() + startMilliseconds;
  for (;;) {
    const port = said()
      .map((line) => /"message":"watching".*"port":(\d+)|"port":(\d+).*"message":"watching"/.exec(line))
      .find((match) => match !== null);
    if (port !== undefined) return port[1] ?? port[2] ?? '';
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the watcher did not start: ${said().join(' | ')}`);
    await wait(20);
  }
}

function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** The sum over all labels. */
export function total(figures: ReadonlyMap<string, number>, name: string): number {
  return [...figures].filter(([sample]) => sample === name || sample.startsWith(`${name}{`)).reduce((sum, [, value]) => sum + value, 0);
}

/** Names the file of the token as a pod's own access does. */
function kubeconfigOf({ url, caPem }: WatcherSurroundings['api'], tokenFile: string): string {
  const name = 'cluster';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name, user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
