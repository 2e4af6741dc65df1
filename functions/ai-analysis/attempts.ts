import { addSeconds, secondsBetween, type Instant } from '../../shared/api/time.ts';

/** Five minutes of attempts, then a look at the world once more, and room for an answer that is slow to come. */
export const investigationSeconds = 420;
const patienceSeconds = 300;
const waitsSeconds = [5, 10, 20, 30];
const shortestWaitSeconds = 5; // no timer of ours is under it

/**
 * How long to leave a provider in trouble alone, after `attempts` that failed since `began`: 5, 10, 20, then 30 seconds each, and the last one as
 * short as makes it end the five minutes. Null: they are over.
 */
export function nextWaitSeconds(attempts: number, began: Instant, now: Instant): number | null {
  const left = secondsBetween(now, addSeconds(began, patienceSeconds));
  if (left <= 0) return null;
  const wait = waitsSeconds[Math.min(attempts, waitsSeconds.length) - 1] ?? shortestWaitSeconds;
  return Math.max(shortestWaitSeconds, Math.min(wait, Math.ceil(left)));
}
