import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('what a parser passes over', () => {
  it.each<[sentence: string, text: string, fault: string]>([
    ['a key twice', '{"a":1,"a":2}', 'a: this key is there twice'],
    ['a key twice within', '{"a":[{"b":{"c":1 , "c" : 2}}]}', 'c: this key'],
    ['one key in two spellings', '{"a":1,"\\u0061":2}', 'a: this key'],
    ['a key of a prototype', '{"__proto__":1,"__proto__":2}', '__proto__: this key'],
    ['a key that could move a cursor', '{"\\u001b[2J":1,"\\u001b[2J":2}', '?[2J: this key'],
    ['33 levels', nested(33), 'nested deeper than 32 levels'],
    ['100,000 levels', nested(100_000), 'nested deeper than 32 levels'],
  ])('is told: %s', (_sentence, text, fault) => {
    expect(jsonFault(text)).toContain(fault);
  });

  it.each<[sentence: string, text: string]>([
    ['one key in two objects', '[{"a":1},{"a":2},{"b":{"a":3},"a":4}]'],
    ['a value that is a key elsewhere', '{"a":"b","b":"a"}'],
    ['text that looks like JSON', '{"a":"{\\"a\\":1,","b":"\\\\","c":"]]"}'],
    ['32 levels', nested(32)],
    ['keys of a prototype, once', '{"constructor":1,"__proto__":2,"toString":3}'],
  ])('is nothing: %s', (_sentence, text) => {
    expect(jsonFault(text)).toBeNull();
  });

  it('finds nothing in what was made from a value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(jsonFault(JSON.stringify(JSON.parse(text)))).toBeNull();
      }),
    );
  });
});
