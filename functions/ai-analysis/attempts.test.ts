import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSeconds } from '../../shared/api/time.ts';
import { nextWaitSeconds } from './attempts.ts';

const began = '2026-01-15T10:35:00Z';

/** The seconds at which a provider that always fails at once is asked, and when it is given up. */
function attemptsOf(answerSeconds = 0): readonly number[] {
  const at: number[] = [];
  let seconds = 0;
  for (let attempts = 1; ; attempts += 1) {
    at.push(seconds);
    seconds += answerSeconds;
    const wait = nextWaitSeconds(attempts, began, addSeconds(began, seconds));
    if (wait === null) return at;
    seconds += wait;
  }
}

describe('nextWaitSeconds', () => {
  it('leaves a provider alone for 5, 10, 20, then 30 seconds, and gives up after five minutes', () => {
    expect(attemptsOf()).toEqual([0, 5, 15, 35, 65, 95, 125, 155, 185, 215, 245, 275, 300]);
  });

  it.each<[sentence: string, attempts: number, elapsedSeconds: number, wait: number | null]>([
    ['after the first attempt', 1, 0, 5],
    ['after the second', 2, 6, 10],
    ['after the third', 3, 17, 20],
    ['after the fourth', 4, 40, 30],
    ['after the hundredth', 100, 200, 30],
    ['near the end as long as is left', 9, 285, 15],
    ['never less than a timer takes', 9, 298, 5],
    ['not at all when they are over', 9, 300, null],
    ['not at all long after', 1, 3_600, null],
    ['by a clock that went back', 1, -20, 5],
  ])('%s', (_sentence, attempts, elapsedSeconds, wait) => {
    expect(nextWaitSeconds(attempts, began, addSeconds(began, elapsedSeconds))).toBe(wait);
  });

  it('ends within the deadline of the investigation, however slow the answers are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 45 }), (answerSeconds) => {
        const last = attemptsOf(answerSeconds).at(-1) ?? Infinity;
        expect(last + answerSeconds).toBeLessThan(420);
      }),
    );
  });
});
