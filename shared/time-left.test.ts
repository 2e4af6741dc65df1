import { describe, expect, it } from 'vitest';
import { stillClock } from '../test/support/kernel.ts';
import { callTimeoutMilliseconds, endingBy, millisecondsLeft, TimeIsOver } from './time-left.ts';

describe('time left', () => {
  it('is without end outside of an invocation', () => {
    expect(millisecondsLeft()).toBe(Number.POSITIVE_INFINITY);
    expect(callTimeoutMilliseconds(8_000)).toBe(8_000);
  });

  it('goes down as the clock goes on, and bounds the next call', async () => {
    const clock = stillClock();
    await endingBy(clock, clock.milliseconds() + 10_000, async () => {
      expect(callTimeoutMilliseconds(8_000)).toBe(8_000);
      await clock.sleep(9_000);
      expect(callTimeoutMilliseconds(8_000)).toBe(1_000);
      await clock.sleep(950);
      expect(() => callTimeoutMilliseconds(8_000)).toThrow(TimeIsOver);
      await clock.sleep(5_000);
      expect(() => callTimeoutMilliseconds(8_000)).toThrow('0 ms are left');
    });
  });

  it("is each invocation's own", async () => {
    const clock = stillClock();
    const left = (milliseconds: number) =>
      endingBy(clock, clock.milliseconds() + milliseconds, async () => {
        await Promise.resolve();
        return millisecondsLeft();
      });
    expect(await Promise.all([left(1_000), left(2_000)])).toEqual([1_000, 2_000]);
  });

  it('ends with the inner of two ends', async () => {
    const clock = stillClock();
    const inner = await endingBy(clock, clock.milliseconds() + 1_000, () => endingBy(clock, clock.milliseconds() + 500, async () => millisecondsLeft()));
    expect(inner).toBe(500);
  });
});
