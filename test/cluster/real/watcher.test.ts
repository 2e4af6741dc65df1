import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../../infra/local/control-plane/release.ts';
import { watchedKinds } from '../../../infra/watcher/forward.ts';
import { compactEtcd } from '../../support/etcd.ts';
import { total } from '../../support/watcher-process.ts';
import { aWatcherWorld, type WatcherWorld } from '../../support/watcher-world.ts';

const queue = 'remediation-requests';
const pendingMax = 2_000; // of one queue, in the watcher
const memoryBytesMax = 150 * 1024 * 1024;

let world: WatcherWorld;
beforeAll(async () => {
  world = await aWatcherWorld();
  await world.watcher.giveToken(await world.tokens.fresh());
  await world.watcher.start();
});
afterAll(() => world.close());

async function restart(program: Program): Promise<void> {
  const { controlPlane } = world;
  await controlPlane.kill(program);
  await controlPlane.startAgain(program);
  await controlPlane.ready();
}

async function figure(name: string): Promise<number> {
  return total((await world.watcher.figures()) ?? new Map(), name);
}

async function comes(name: string): Promise<void> {
  const seen: string[] = [];
  await world.eventually(`the key of ${name} is on its queue`, async () => {
    seen.push(...(await world.taken(queue)));
    return seen.includes(name);
  });
}

describe('the watcher, a process of its own before a real control plane', () => {
  it('forwards what changes', async () => {
    await world.make('rr-first');
    await comes('rr-first');
    expect(await figure('kubernaut_watcher_lists_total')).toBe(watchedKinds.length);
  });

  it('lists anew when its version is no more, and forwards what changed in between', async () => {
    const { controlPlane, watcher } = world;
    watcher.freeze();
    await restart('kube-apiserver'); // or what it says to a watcher that stands still would wait in the connection
    await world.make('rr-while-frozen');
    await compactEtcd(controlPlane.etcd);
    await restart('kube-apiserver'); // whose cache remembers what etcd has forgotten
    watcher.thaw();
    await comes('rr-while-frozen');
    const expired = 'kubernaut_watcher_reopened_total{kind="RemediationRequest",cause="expired"}';
    expect((await watcher.figures())?.get(expired)).toBeGreaterThan(0);
    expect((await watcher.figures())?.get('kubernaut_watcher_lists_total{kind="RemediationRequest"}')).toBe(2);
  });

  it('says what is wrong with its token, and goes on by itself with a valid one', async () => {
    const { watcher } = world;
    const before = watcher.lines.length;
    await world.tokens.revoke();
    await restart('kube-apiserver'); // a watch that is open outlives its token
    const complaint = () => watcher.lines.slice(before).find((line) => line.includes("does not accept the watcher's token"));
    await world.eventually('the watcher says what is wrong', async () => complaint() !== undefined);
    expect(JSON.parse(complaint() ?? '')).toMatchObject({
      level: 'WARN',
      message: 'list or watch failed, retrying',
      error: expect.stringContaining('Unauthorized'),
    });
    expect(await watcher.figures()).not.toBeNull();
    await world.make('rr-while-unknown');
    await watcher.giveToken(await world.tokens.fresh());
    await comes('rr-while-unknown');
  });

  it('holds what it cannot send, within bounds, and sends all of it when the queue is back', async () => {
    const { proxy, watcher } = world;
    await proxy.close();
    const names = Array.from({ length: pendingMax + 500 }, (_, index) => `rr-held-${index}`);
    for (let first = 0; first < names.length; first += 50) await Promise.all(names.slice(first, first + 50).map(world.make));
    await world.eventually('the outbox is full', async () => (await figure('kubernaut_watcher_pending')) >= pendingMax);
    expect(await figure('kubernaut_watcher_pending')).toBeLessThanOrEqual(pendingMax + 1);
    const memoryBytes = await figure('process_resident_memory_bytes');
    process.stdout.write(`watcher: ${names.length} changes before a closed queue, ${Math.round(memoryBytes / 1024 / 1024)} MB\n`);
    expect(memoryBytes).toBeLessThan(memoryBytesMax);
    await proxy.open();
    proxy.delay(300); // and slow at first
    const seen = new Set<string>();
    const take = async () => {
      for (const name of await world.taken(queue)) seen.add(name);
    };
    await world.eventually('the first keys come', async () => (await take().then(() => seen.size)) > 0);
    proxy.delay(0);
    await world.eventually('every key came', async () => (await take().then(() => names.filter((name) => !seen.has(name)).length)) === 0);
    expect(watcher.lines.some((line) => line.includes('sending failed, retrying'))).toBe(true);
    expect(await figure('kubernaut_watcher_pending')).toBe(0);
  });
});
