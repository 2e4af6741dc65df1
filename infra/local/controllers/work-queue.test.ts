import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

const start = '2026-01-15T10:00:00Z';

interface Story {
  readonly clock: VirtualClock;
  readonly queue: WorkQueue;
  /** `key at seconds` of each pass. */
  readonly passes: string[];
  until(holds: () => boolean): Promise<void>;
}

type During = (key: string, queue: WorkQueue, count: number) => Promise<void> | void;

function aStory(during: During = () => undefined, workers = 1): Story {
  const clock = createVirtualClock({ start });
  const passes: string[] = [];
  const queue = createWorkQueue({
    clock,
    workers,
    failed: () => undefined,
    async pass(key) {
      passes.push(`${key} at ${(clock.milliseconds() - Date.parse(start)) / 1_000}`);
      await during(key, queue, passes.length);
    },
  });
  return { clock, queue, passes, until: (holds) => clock.run(holds, { virtualSeconds: 3_600 }) };
}

async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

describe('work queue', () => {
  it('runs keys in the order of their coming, and a key that waits once', async () => {
    const { queue, passes, until } = aStory();
    for (const key of ['b', 'a', 'b', 'c']) queue.add(key);
    await until(() => passes.length === 3);
    expect(passes).toEqual(['b at 0', 'a at 0', 'c at 0']);
  });

  it('runs a key again that comes while it is in its pass, and never two passes at once', async () => {
    let running = 0;
    const { queue, passes, until } = aStory(async (key, self, count) => {
      running += 1;
      expect(running).toBe(1);
      if (count === 1) self.add(key);
      await Promise.resolve();
      running -= 1;
    });
    queue.add('a');
    await until(() => passes.length === 2);
    expect(passes).toEqual(['a at 0', 'a at 0']);
  });

  it('lets so many keys be in their passes at once, and none of them twice', async () => {
    const running: string[] = [];
    const seen = new Set<string>();
    const { clock, queue, passes, until } = aStory(async (key) => {
      expect(running).not.toContain(key);
      running.push(key);
      seen.add(running.toSorted().join(' '));
      await clock.sleep(1_000);
      running.splice(running.indexOf(key), 1);
    }, 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await until(() => running.length === 2);
    queue.add('a');
    await until(() => passes.length === 4 && running.length === 0);
    expect(passes).toEqual(['a at 0', 'b at 0', 'c at 1', 'a at 1']);
    expect([...seen]).toEqual(['a', 'a b', 'b c', 'a c']);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('loses no key that comes %d turns after the last pass', async (turns) => {
    const { queue, passes, until } = aStory((key, self) => {
      if (key === 'last') void later(turns).then(() => self.add('late'));
    });
    queue.add('last');
    await until(() => passes.length === 2);
    expect(passes).toEqual(['last at 0', 'late at 0']);
  });

  it('ends at once when it is stopped before its first pass', async () => {
    const { queue, passes } = aStory();
    queue.add('a');
    await queue.stop();
    expect(passes).toEqual([]);
  });

  it('tries a failed pass again, later each time', async () => {
    const { queue, passes, until } = aStory((_key, _self, count) => {
      if (count < 4) throw new Error('not yet');
    });
    queue.add('a');
    await until(() => passes.length === 4);
    expect(passes).toEqual(['a at 0', 'a at 0.2', 'a at 0.6', 'a at 1.4']);
  });

  it('holds the earliest of several delays, and a pass takes the place of a delay', async () => {
    const { clock, queue, passes, until } = aStory();
    queue.addAfter('a', 9_000);
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 7_000);
    queue.addAfter('b', 20_000);
    queue.add('b');
    await until(() => passes.length === 2);
    expect(passes).toEqual(['b at 0', 'a at 5']);
    await expect(clock.run(() => false, { virtualSeconds: 60 })).rejects.toThrow('nobody sleeps');
  });

  it('does nothing any more once it is stopped, but ends the pass under way', async () => {
    const trail: string[] = [];
    const { clock, queue, passes, until } = aStory(async (_key, self) => {
      void self.stop().then(() => trail.push('stopped'));
      self.add('d');
      await Promise.resolve();
      trail.push('pass ended');
    });
    for (const key of ['a', 'b']) queue.add(key);
    queue.addAfter('c', 1_000);
    await until(() => trail.length === 2);
    expect(trail).toEqual(['pass ended', 'stopped']);
    expect(passes).toEqual(['a at 0']);
    await expect(clock.run(() => false, { virtualSeconds: 60 })).rejects.toThrow('nobody sleeps');
  });
});
