import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundleWatcher } from '../../watcher/bundle.ts';
import { StartFailed } from '../stack/start-failed.ts';
import { startGuarded } from './guarded-process.ts';
import type { Emulator } from './start-ministack.ts';
import { emulatorCredentials } from './osls.ts';

export interface WatcherOptions {
  /** Private; the bundle and its log lie there. */
  readonly directory: string;
  /** Of the watcher's own ServiceAccount. */
  readonly kubeconfigFile: string;
  readonly queueUrlPrefix: string;
  readonly emulator: Pick<Emulator, 'endpoint' | 'region'>;
}

export interface WatcherProcess {
  stop(): Promise<void>;
}

const startSeconds = 30;
const graceMilliseconds = 10_000; // it sends what is pending before it ends

/** The watcher as its image holds it, a bundle in a process of its own. Resolves when it watches. Throws StartFailed. */
export async function startWatcherProcess({ directory, kubeconfigFile, queueUrlPrefix, emulator }: WatcherOptions): Promise<WatcherProcess> {
  const bundle = join(directory, 'watcher.mjs');
  const logFile = join(directory, 'watcher.log');
  await bundleWatcher(bundle);
  const environment = {
    HOME: directory,
    KUBERNAUT_QUEUE_URL_PREFIX: queueUrlPrefix,
    KUBERNAUT_KUBECONFIG_FILE: kubeconfigFile,
    KUBERNAUT_WATCHER_PORT: '0',
    AWS_REGION: emulator.region,
    AWS_ENDPOINT_URL_SQS: emulator.endpoint,
    AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
  };
  const watcher = await startGuarded({ argv: [process.execPath, bundle], environment, directory, logFile, graceMilliseconds });
  const end = Date.now() + startSeconds * 1_000;
  while (!(await readFile(logFile, 'utf8')).includes('"watching"')) {
    if (!watcher.isGone() && Date.now() < end) {
      await wait(50);
      continue;
    }
    await watcher.stop();
    throw new StartFailed(`the watcher did not start: ${(await readFile(logFile, 'utf8')).trim().split('\n').at(-1) ?? ''}`);
  }
  return watcher;
}
