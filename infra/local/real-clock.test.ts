import { describe, expect, it } from 'vitest';
import { createRealClock } from './real-clock.ts';

describe('real clock', () => {
  it('gives whole seconds, as Kubernetes writes its times', () => {
    expect(createRealClock().now()).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
  });

  it('sleeps, and stops sleeping with the reason of the signal', async () => {
    const clock = createRealClock();
    await clock.sleep(0);
    const abort = new AbortController();
    const sleeping = clock.sleep(3_600_000, abort.signal);
    abort.abort(new Error('stopped'));
    await expect(sleeping).rejects.toThrow('stopped');
    await expect(clock.sleep(0, abort.signal)).rejects.toThrow('stopped');
  });

  it('tracks nothing: work passes through', async () => {
    const clock = createRealClock();
    await expect(clock.track(Promise.resolve(1))).resolves.toBe(1);
    await expect(clock.track(async () => 2)).resolves.toBe(2);
  });
});
