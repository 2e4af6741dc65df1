import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { warningHeaders } from './https-warnings.ts';
import { warningTexts } from '../../../shared/kubernetes/warnings.ts';

describe('warnings in a header', () => {
  it('are read as a kube-apiserver writes them, one or many', () => {
    expect(warningTexts('299 - "spec.size is deprecated"')).toEqual(['spec.size is deprecated']);
    expect(warningTexts(String.raw`299 - "say \"when\"", 299 agent "a, b"`)).toEqual(['say "when"', 'a, b']);
    expect(warningTexts('nonsense')).toEqual([]);
  });

  it('come through whatever they say', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((candidate) => !/[\p{Cc}\p{Cs}]/u.test(candidate));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        expect(warningTexts(warningHeaders(texts).join(', '))).toEqual(texts);
      }),
    );
  });

  it('are bounded in length, all of them together, and hold nothing that would end the header', () => {
    const headers = warningHeaders(Array.from({ length: 40 }, (_none, index) => `${index} ${'x'.repeat(500)}`));
    expect(headers).toHaveLength(16);
    expect(headers.every((header) => header.length < 270)).toBe(true);
    expect(warningHeaders(['a\r\nX: b', ''])).toEqual([]);
  });
});
