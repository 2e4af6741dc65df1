import { describe, expect, it } from 'vitest';
import { isOneOf, parseRotatingSecret } from './rotating-secret.ts';

const secret = 'a-secret-of-enough-length';
const next = 'the-secret-that-comes-after';
const parse = (text: string) => parseRotatingSecret('KUBERNAUT_WEBHOOK_TOKENS', text);

describe('a secret that can be rotated', () => {
  it.each([
    ['none', ''],
    ['three', `${secret}\n${next}\n${secret}3`],
    ['a short one', 'secret'],
  ])('is refused when its text holds %s', (_sentence, text) => {
    expect(() => parse(text)).toThrow('KUBERNAUT_WEBHOOK_TOKENS');
  });

  it('is the old and the new one for a while', () => {
    const secrets = parse(`${secret}\n${next}\n`);
    expect([secret, next, `${secret}x`, secret.slice(1), ''].map((guess) => isOneOf(secrets, guess))).toEqual([true, true, false, false, false]);
  });
});
