import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/cluster-twin.ts';
import { aChild, aResource, interpreted, kernelWorld, stillClock } from '../../test/support/kernel.ts';
import { endingBy } from '../time-left.ts';
import { patiently } from './patience.ts';

describe('a throttle', () => {
  it('is waited out for as long as the server says, and the effect happens once', async () => {
    const world = kernelWorld(aResource());
    let left = 2;
    world.cluster.onCall = ({ verb }) => {
      if (verb !== 'create' || left === 0) return;
      left -= 1;
      throw refusal(429, 'TooManyRequests', 'slow down', 3);
    };
    expect(await interpreted(world, [{ kind: 'CreateResource', object: aChild('ke-1'), whenTaken: 'refused' }])).toMatchObject({ kind: 'done' });
    expect(world.clock.slept).toEqual([3_000, 3_000]);
    expect(world.journal).toEqual(['create Job ke-1']);
  });

  it('that names no time is waited for a second, and never for ever', async () => {
    const clock = stillClock();
    await expect(patiently(clock, () => Promise.reject(refusal(429, 'TooManyRequests', 'slow down')))).rejects.toThrow('slow down');
    expect(clock.slept).toEqual(Array(10).fill(1_000));
  });

  it('is waited for only while the call still fits into what is left', async () => {
    const clock = stillClock();
    const call = () => Promise.reject(refusal(429, 'TooManyRequests', 'slow down', 4));
    await expect(endingBy(clock, clock.milliseconds() + 10_000, () => patiently(clock, call))).rejects.toThrow('slow down');
    expect(clock.slept).toEqual([4_000, 4_000]);
  });

  it('is the only error that is waited for', async () => {
    const clock = stillClock();
    await expect(patiently(clock, () => Promise.reject(refusal(503, 'ServiceUnavailable', 'away', 1)))).rejects.toThrow('away');
    expect(clock.slept).toEqual([]);
  });
});
