import { describe, expect, it } from 'vitest';
import { lazily } from './lazy-handler.ts';

/** Composes as often as it is asked, fails the first times, and counts. */
function aComposition({ failures = 0 } = {}) {
  const seen = { compositions: 0 };
  const handler = lazily(async () => {
    seen.compositions += 1;
    if (seen.compositions <= failures) throw new Error(`the secret cannot be read (${seen.compositions})`);
    const number = seen.compositions;
    return async (event: string, context: { readonly id: string }) => `${number}: ${event} ${context.id}`;
  });
  return { handler, seen };
}

describe('a lazy handler', () => {
  it('composes nothing before it is invoked', () => {
    expect(aComposition().seen.compositions).toBe(0);
  });

  it('composes once for all invocations, those at the same time too', async () => {
    const { handler, seen } = aComposition();
    expect(await Promise.all([handler('a', { id: '1' }), handler('b', { id: '2' })])).toEqual(['1: a 1', '1: b 2']);
    expect(await handler('c', { id: '3' })).toBe('1: c 3');
    expect(seen.compositions).toBe(1);
  });

  it('tells every invocation that waits why it could not be composed, and tries again with the next', async () => {
    const { handler, seen } = aComposition({ failures: 1 });
    const answers = await Promise.allSettled([handler('a', { id: '1' }), handler('b', { id: '2' })]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(seen.compositions).toBe(1);
    expect(await handler('c', { id: '3' })).toBe('2: c 3');
  });

  it('keeps a handler that throws: a failed invocation is no failed composition', async () => {
    let compositions = 0;
    const handler = lazily(async () => {
      compositions += 1;
      return async () => Promise.reject(new Error('this message'));
    });
    await expect(handler()).rejects.toThrow('this message');
    await expect(handler()).rejects.toThrow('this message');
    expect(compositions).toBe(1);
  });
});
