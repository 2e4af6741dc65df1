import { describe, expect, it } from 'vitest';
import { remembered } from './remembered.ts';

describe('what is remembered', () => {
  it('is read again once its time is over, and when reading failed', async () => {
    let now = 0;
    const answers = ['first', new Error('away'), 'second'];
    const read = remembered(1_000, { milliseconds: () => now }, async () => {
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
      return answer;
    });
    expect([await read(), await read()]).toEqual(['first', 'first']);
    now = 999;
    expect(await read()).toBe('first');
    now = 1_000;
    await expect(read()).rejects.toThrow('away');
    expect([await read(), await read()]).toEqual(['second', 'second']);
  });
});
