import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock, TimeStoodStill } from './virtual-clock.ts';

const start = '2026-01-15T10:00:00Z';
const never = (): boolean => false;
const anHour = { virtualSeconds: 3_600 };

describe('virtual clock', () => {
  it('stands still until it is run, and floors to whole seconds', async () => {
    const clock = createVirtualClock({ start });
    expect(clock.now()).toBe(start);
    let woken = false;
    void clock.sleep(1_999).then(() => (woken = true));
    await clock.run(() => woken, anHour);
    expect(clock.now()).toBe('2026-01-15T10:00:01Z');
    expect(clock.milliseconds()).toBe(Date.parse(start) + 1_999);
  });

  it('does not move when what is waited for already holds', async () => {
    const clock = createVirtualClock({ start });
    void clock.sleep(1_000);
    await clock.run(() => true, anHour);
    expect(clock.now()).toBe(start);
  });

  it('lets promise chains settle before it jumps', async () => {
    const clock = createVirtualClock({ start });
    let hops = 0;
    void (async () => {
      for (; hops < 200; hops += 1) await Promise.resolve();
    })();
    void clock.sleep(1_000);
    await clock.run(() => hops === 200, anHour);
    expect(clock.now()).toBe(start);
  });

  it('wakes whoever sleeps earliest, and ties in the order of arming', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(delays, async (seconds) => {
        const clock = createVirtualClock({ start });
        const woken: { readonly index: number; readonly at: number }[] = [];
        seconds.forEach((delay, index) => {
          void clock.sleep(delay * 1_000).then(() => woken.push({ index, at: clock.milliseconds() }));
        });
        await clock.run(() => woken.length === seconds.length, anHour);
        const expected = seconds.map((delay, index) => ({ index, at: Date.parse(start) + delay * 1_000 })).toSorted((a, b) => a.at - b.at || a.index - b.index);
        expect(woken).toEqual(expected);
      }),
    );
  });

  it('does not jump while tracked work is in flight, however many turns it takes', async () => {
    const turns = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(turns, async (works) => {
        const clock = createVirtualClock({ start });
        const ends: number[] = [];
        let woken = false;
        void clock.sleep(1).then(() => (woken = true));
        for (const count of works) {
          void clock.track(severalTurns(count).then(() => ends.push(clock.milliseconds())));
        }
        await clock.run(() => woken, anHour);
        expect(ends).toEqual(works.map(() => Date.parse(start)));
      }),
      { numRuns: 30 },
    );
  });

  it('jumps for tracked work that sleeps, and only when its siblings sleep too', async () => {
    const clock = createVirtualClock({ start });
    const trail: string[] = [];
    const napping = clock.track(async () => {
      await clock.track(async () => {
        await clock.sleep(5_000);
      });
      trail.push(`nap over at ${clock.now()}`);
    });
    const busy = clock.track(async () => {
      await severalTurns(30);
      trail.push(`busy until ${clock.now()}`);
    });
    let ended = false;
    void Promise.all([napping, busy]).then(() => (ended = true));
    await clock.run(() => ended, anHour);
    expect(trail).toEqual([`busy until ${start}`, 'nap over at 2026-01-15T10:00:05Z']);
  });

  it('gives the result and the failure of tracked work back', async () => {
    const clock = createVirtualClock({ start });
    await expect(clock.track(Promise.resolve(5))).resolves.toBe(5);
    await expect(clock.track(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('rejects an aborted sleep with the reason of its signal, and forgets it', async () => {
    const clock = createVirtualClock({ start });
    const abort = new AbortController();
    const sleeping = clock.sleep(1_000, abort.signal);
    abort.abort(new Error('stopped'));
    await expect(sleeping).rejects.toThrow('stopped');
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow('stopped');
    await expect(clock.run(never, anHour)).rejects.toThrow('nobody sleeps');
  });

  it('says who sleeps when the limit is passed', async () => {
    const clock = createVirtualClock({ start });
    void clock.sleep(7_200_000);
    const failure = clock.run(never, anHour).catch((error: unknown) => error);
    await expect(failure).resolves.toBeInstanceOf(TimeStoodStill);
    await expect(failure).resolves.toMatchObject({
      message: expect.stringMatching(/not within 3600 virtual seconds; 1 sleepers:\n {2}in 2h at .*virtual-clock\.test\.ts/) as string,
    });
  });

  it('goes on from where the last run ended', async () => {
    const clock = createVirtualClock({ start });
    void clock.sleep(1_000);
    await clock.run(() => clock.now() !== start, anHour);
    let woken = false;
    void clock.sleep(1_000).then(() => (woken = true));
    await clock.run(() => woken, { virtualSeconds: 1 });
    expect(clock.now()).toBe('2026-01-15T10:00:02Z');
  });
});

async function severalTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
