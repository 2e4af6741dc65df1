import { join } from 'node:path';
import { kubeconfigYaml } from '../../../infra/local/sandbox/https-kubeconfig.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';
import { bundleWatcher } from '../../../infra/watcher/bundle.ts';
import { machineLine } from '../machine.ts';
import { processorSeconds } from '../processor-time.ts';
import { startQueueSink, type QueueSink } from './queue-sink.ts';
import { serveReplayedApi, type ReplayedApi } from './replayed-api.ts';
import { replayedResources, type Replayed } from './replayed-resources.ts';
import { startWatcherProcess, type WatcherProcess } from './watcher-process.ts';

const resourceCount = 10_000;
const changeCount = 30_000;
const liveEvery = 10; // what has ended is kept for a day, so most of what a list finds is over
const memoryMebibytesMax = 120;
const changesPerSecondMin = 1_000;
const pageMax = 500; // what the API server itself would call a page
const patienceMilliseconds = 180_000;

type Print = (line: string) => void;

interface World {
  readonly resources: readonly Replayed[];
  readonly api: ReplayedApi;
  readonly sink: QueueSink;
  readonly watcher: WatcherProcess;
  readonly print: Print;
}

/** The watcher's bundle as a process of its own, before many resources and then many changes. False: past a limit. */
export async function measureWatcher(print: Print): Promise<boolean> {
  const resources = await replayedResources();
  const countOfEach = resourceCount / resources.length;
  const workspace = await createWorkspace();
  const api = await serveReplayedApi({ resources, countOfEach, isLive: (index) => index % liveEvery === 0, nameOf: (index) => `rr-${index}` });
  const sink = await startQueueSink();
  try {
    const bundle = join(workspace.directory, 'watcher.mjs');
    await bundleWatcher(bundle);
    print(machineLine('a replayed API over HTTPS and a queue sink over HTTP, both in the process of the bench'));
    const watcher = startWatcherProcess(bundle, {
      KUBERNAUT_KUBECONFIG_FILE: await workspace.write('kubeconfig', kubeconfigYaml({ ...api, token: 'replayed' })),
      KUBERNAUT_QUEUE_URL_PREFIX: `${sink.endpoint}/000000000000/bench-`,
      KUBERNAUT_WATCHER_PORT: '0',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_SQS: sink.endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    try {
      const world: World = { resources, api, sink, watcher, print };
      const listsWell = await measureLists(world);
      const isFast = await measureChanges(world);
      return staysSmall(world) && listsWell && isFast;
    } finally {
      const { code, said } = await watcher.stop();
      if (code !== 0 || said !== '') print(`  the watcher ended with ${code}: ${said}`);
    }
  } finally {
    await sink.close();
    await api.close();
    await workspace.remove();
  }
}

async function measureLists({ resources, api, sink, watcher, print }: World): Promise<boolean> {
  const begun = performance.now();
  await within(api.watched(), 'every kind is listed and watched');
  const live = resourceCount / liveEvery;
  const forwardedAt = await sink.reached(live, patienceMilliseconds);
  const { pages, bytes, limitMax } = api.listed;
  const mean = bytes / resourceCount / 1_024;
  print(`${resourceCount} resources of ${resources.length} kinds, ${mean.toFixed(1)} KiB each on average, managed fields included:`);
  print(
    `  listed in ${pages} pages of at most ${limitMax} (at most ${pageMax}), ${live} live keys forwarded, ${((performance.now() - begun) / 1_000).toFixed(1)} s after its start`,
  );
  print(`  resident after the lists ${watcher.memory().residentMebibytes.toFixed(0)} MiB`);
  return limitMax <= pageMax && forwardedAt !== null && sink.count() === live;
}

async function measureChanges({ resources, api, sink, watcher, print }: World): Promise<boolean> {
  const countBefore = sink.count();
  const processorBefore = processorSeconds(watcher.processId) ?? 0;
  const begun = performance.now();
  const feeding = Promise.all(resources.map((replayed) => feed(api, replayed, changeCount / resources.length)));
  const endedAt = await sink.reached(countBefore + changeCount, patienceMilliseconds);
  if (endedAt === null) {
    print(`  of ${changeCount} changes ${sink.count() - countBefore} were forwarded in ${patienceMilliseconds / 1_000} s`);
    return false;
  }
  await feeding;
  const seconds = (endedAt - begun) / 1_000;
  const rate = changeCount / seconds;
  const processor = (processorSeconds(watcher.processId) ?? 0) - processorBefore;
  print(`${changeCount} changes, each of another resource so that none is coalesced:`);
  print(
    `  ${Math.round(rate)} a second forwarded (at least ${changesPerSecondMin}), ${seconds.toFixed(1)} s, ${((processor * 1_000_000) / changeCount).toFixed(0)} µs of processor each`,
  );
  return rate >= changesPerSecondMin;
}

function staysSmall({ watcher, print }: World): boolean {
  const { residentMebibytes, peakMebibytes } = watcher.memory();
  print(`  resident ${residentMebibytes.toFixed(0)} MiB, at its peak ${peakMebibytes.toFixed(0)} MiB (at most ${memoryMebibytesMax})`);
  return peakMebibytes <= memoryMebibytesMax;
}

async function feed(api: ReplayedApi, { watched, text }: Replayed, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await api.change(watched.kind, text({ name: `changed-${index}`, version: 2_000_000 + index, isLive: true }));
  }
}

async function within(work: Promise<void>, what: string): Promise<void> {
  const patience = Promise.withResolvers<never>();
  const timer = setTimeout(() => patience.reject(new Error(`gave up after ${patienceMilliseconds / 1_000} s of waiting until ${what}`)), patienceMilliseconds);
  await Promise.race([work, patience.promise]).finally(() => clearTimeout(timer));
}
