import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingQuote, isNestedTooDeep, jsonDepthMax } from './json-depth.ts';

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('nesting', () => {
  it.each<[sentence: string, text: string, tooDeep: boolean]>([
    ['as deep as is allowed', lists(jsonDepthMax), false],
    ['one deeper', lists(jsonDepthMax + 1), true],
    ['of objects', '{"a":'.repeat(101) + '1' + '}'.repeat(101), true],
    ['of a million levels', lists(1_000_000), true],
    ['wide, not deep', `[${Array.from({ length: 1_000 }, () => '{"a":[]}').join(',')}]`, false],
    ['in a string only', JSON.stringify(lists(1_000)), false],
    ['behind quotes that are escaped', JSON.stringify({ a: `\\"${lists(1_000)}\\\\"` }), false],
    ['behind a string that ends in a backslash', `["\\\\",${lists(100)}]`, true],
    ['in what is no JSON', '"[[[[', false],
  ])('%s', (_sentence, text, tooDeep) => {
    expect(isNestedTooDeep(text)).toBe(tooDeep);
  });

  it('finds the end of any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', 'a', '\n', '\ud800') }), (given) => {
        const text = JSON.stringify(given);
        expect(closingQuote(`${text},"b"`, 0)).toBe(text.length - 1);
      }),
    );
  });
});
