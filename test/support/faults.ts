import { setTimeout as wait } from 'node:timers/promises';
import type { Program } from '../../infra/local/control-plane/release.ts';
import type { ControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import { compactEtcd } from './etcd.ts';
import type { QueueProxy } from './queue-proxy.ts';
import type { WatcherProcess } from './watcher-process.ts';
import type { WatcherTokens } from './watcher-tokens.ts';

/** What faults befall. */
export interface Struck {
  readonly controlPlane: ControlPlane;
  readonly proxy: QueueProxy;
  readonly watcher: WatcherProcess;
  readonly tokens: WatcherTokens;
  /** 0 to below 1. */
  readonly random: () => number;
}

const deck = {
  'the API server dies': 3,
  'etcd dies': 3,
  'the watcher dies': 4,
  'API server, etcd and watcher die': 1,
  'etcd forgets while the watcher stands still': 1,
  "the watcher's token is revoked": 1,
  'the queues are slow': 1,
  'the queues are closed': 1,
} as const;
export type Fault = keyof typeof deck;

const slowMilliseconds = 10_000;
const slowedByMilliseconds = 400;
const closedMilliseconds = 20_000;
const unknownMilliseconds = 60_000; // until the watcher, which may pause for 45 s, has said what is wrong

/** All of them, each as often as it is in the deck, in an order that the seed gives. */
export function shuffledFaults(random: () => number): readonly Fault[] {
  const faults = Object.entries(deck).flatMap(([fault, count]) => Array.from({ length: count }, () => fault as Fault));
  return faults
    .map((fault) => ({ fault, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ fault }) => fault);
}

/** Resolves when it is over: what was killed runs again, though not all may have noticed. */
export async function strike(fault: Fault, struck: Struck): Promise<void> {
  const { controlPlane, proxy, watcher, random } = struck;
  switch (fault) {
    case 'the API server dies':
      return killAndStart(struck, ['kube-apiserver']);
    case 'etcd dies':
      return killAndStart(struck, ['etcd']);
    case 'the watcher dies':
      await watcher.kill();
      await wait(random() * 3_000);
      return watcher.start();
    case 'API server, etcd and watcher die':
      await watcher.kill();
      await killAndStart(struck, ['kube-apiserver', 'etcd']);
      return watcher.start();
    case 'etcd forgets while the watcher stands still':
      watcher.freeze();
      await killAndStart(struck, ['kube-apiserver']); // or what it says to a watcher that stands still would wait in the connection
      await wait(2_000 + random() * 2_000);
      await compactEtcd(controlPlane.etcd);
      await killAndStart(struck, ['kube-apiserver']);
      watcher.thaw();
      return;
    case "the watcher's token is revoked":
      return replaceToken(struck);
    case 'the queues are slow':
      proxy.delay(slowedByMilliseconds);
      await wait(slowMilliseconds);
      proxy.delay(0);
      return;
    case 'the queues are closed':
      await proxy.close();
      await wait(closedMilliseconds);
      return proxy.open();
  }
}

/** Down for up to two seconds each, then until the API server is ready. */
async function killAndStart({ controlPlane, random }: Struck, programs: readonly Program[]): Promise<void> {
  for (const program of programs) await controlPlane.kill(program);
  for (const program of programs) {
    await wait(random() * 2_000);
    await controlPlane.startAgain(program);
  }
  await controlPlane.ready();
}

/** Open watches outlive their token, so they are cut too. */
async function replaceToken(struck: Struck): Promise<void> {
  const { tokens, watcher } = struck;
  const before = watcher.lines.length;
  await tokens.revoke();
  await killAndStart(struck, ['kube-apiserver']);
  const end = Date.now() + unknownMilliseconds;
  while (!watcher.lines.slice(before).some((line) => line.includes("does not accept the watcher's token"))) {
    if (Date.now() > end) throw new Error('the watcher did not say that its token is not accepted');
    await wait(200);
  }
  await watcher.giveToken(await tokens.fresh());
}
