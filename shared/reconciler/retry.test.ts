import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelaySeconds, type RetrySettings } from './retry.ts';

const settings: RetrySettings = { receivesMax: 8, retryBaseSeconds: 2, retryMaxSeconds: 300 };
const sumOver = (receives: number, { retryBaseSeconds, retryMaxSeconds }: RetrySettings) =>
  Array.from({ length: receives - 1 }, (_, index) => retryDelaySeconds(index + 1, { receivesMax: receives, retryBaseSeconds, retryMaxSeconds }, 0)).reduce(
    (sum, seconds) => sum + seconds,
    0,
  );

describe('the backoff', () => {
  it('doubles from 2 s and never passes 5 minutes', () => {
    const delays = [1, 2, 3, 4, 7, 8, 9, 100].map((receiveCount) => retryDelaySeconds(receiveCount, settings, 0));
    expect(delays).toEqual([2, 4, 8, 16, 128, 256, 300, 300]);
  });

  it('spans about four minutes for a kind and about eight hours for what nobody else remembers', () => {
    expect(sumOver(8, settings) / 60).toBeCloseTo(4.2, 1);
    expect(sumOver(100, settings) / 3_600).toBeCloseTo(7.7, 1);
  });

  it('lies between three quarters and the whole of it, is whole, and never zero', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), random, (receiveCount, chance) => {
        const whole = retryDelaySeconds(receiveCount, settings, 0);
        const delay = retryDelaySeconds(receiveCount, settings, chance);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.max(1, whole * 0.75));
        expect(delay).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it('takes base and maximum from the settings', () => {
    expect([1, 2, 9].map((count) => retryDelaySeconds(count, { ...settings, retryBaseSeconds: 5, retryMaxSeconds: 7 }, 0))).toEqual([5, 7, 7]);
  });
});
