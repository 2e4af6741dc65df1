import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSeconds, secondsBetween } from '../api/time.ts';
import { deadlineWaitSeconds, doublingSeconds, isPast, pastDeadlineSeconds, tickSeconds, untilSeconds } from './wait.ts';

const start = '2026-01-15T10:35:20Z';
const after = (seconds: number) => addSeconds(start, seconds);

describe('the wait until an instant', () => {
  it.each([
    [-60, 5],
    [0, 5],
    [4, 5],
    [30, 30],
    [900, 900],
    [3_600, 900],
  ])('%i s away is %i s: no less than 5, no more than SQS carries', (away, wait) => {
    expect(untilSeconds(after(away), start)).toBe(wait);
  });

  it('longer than 900 s comes in pieces, the last one at the instant', () => {
    const deadline = after(2_000);
    const fired: number[] = [];
    let now = start;
    while (secondsBetween(now, deadline) > 0) {
      now = addSeconds(now, untilSeconds(deadline, now));
      fired.push(secondsBetween(start, now));
    }
    expect(fired).toEqual([900, 1_800, 2_000]);
  });
});

describe('a wait that doubles', () => {
  const five = { firstSeconds: 5, maxSeconds: 300 };

  it('is told by when the series began: 5, 10, 20 … 300', () => {
    const waits: number[] = [];
    let now = start;
    while (waits.length < 9) {
      waits.push(doublingSeconds(start, now, five));
      now = addSeconds(now, waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('past a deadline goes from 30 s to 5 min', () => {
    expect([0, 30, 90, 210, 450, 5_000].map((seconds) => pastDeadlineSeconds(start, after(seconds)))).toEqual([30, 60, 120, 240, 300, 300]);
  });

  it('before a deadline is the rest of it', () => {
    expect([-120, 0, 30].map((seconds) => deadlineWaitSeconds(start, after(seconds)))).toEqual([120, 30, 60]);
  });

  it('never shrinks as time passes, and a clock that stepped back begins it anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 100_000 }), fc.integer({ min: 0, max: 1_000 }), (elapsed, more) => {
        const wait = doublingSeconds(start, after(elapsed), five);
        expect(wait).toBeGreaterThanOrEqual(5);
        expect(wait).toBeLessThanOrEqual(300);
        expect(doublingSeconds(start, after(elapsed + more), five)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });
});

describe('ticks', () => {
  const every10 = { everySeconds: 10, ticksMax: 60 };

  it('lie ten seconds apart, the last at the end of the window', () => {
    expect(tickSeconds(start, after(60), every10)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(tickSeconds(start, after(25), every10)).toEqual([10, 20, 25]);
  });

  it('are one for a window of nothing, and at most sixty', () => {
    expect(tickSeconds(start, start, every10)).toEqual([5]);
    const most = tickSeconds(start, after(600), every10);
    expect([most.length, most.at(0), most.at(-1)]).toEqual([60, 10, 600]);
    expect(tickSeconds(start, after(900), every10)).toHaveLength(60);
  });
});

describe('a deadline', () => {
  it('is past at its very second, and with grace that much later', () => {
    expect([isPast(start, after(-1)), isPast(start, start), isPast(start, after(59), 60), isPast(start, after(60), 60)]).toEqual([false, true, false, true]);
  });
});
