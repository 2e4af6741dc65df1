import { describe, expect, it } from 'vitest';
import { visible, visibleTexts } from './visible.ts';

describe('text of somebody else', () => {
  it.each([
    ['a word', 'payment-api', 'payment-api'],
    ['words of any script', 'größer 你好 👩', 'größer 你好 👩'],
    ['a line break', 'a\nb\r\nc', String.raw`a\nb\r\nc`],
    ['a colour', '\u001b[31mred', String.raw`\u001b[31mred`],
    ['a title of the terminal', '\u001b]0;x\u0007', String.raw`\u001b]0;x\u0007`],
    ['one byte that is an escape too', '\u009b2J', String.raw`\u009b2J`],
    ['the other direction', 'a\u202eb\u2066', String.raw`a\u202eb\u2066`],
    ['nothing that can be seen', 'a\u200bb\ufeff', String.raw`a\u200bb\ufeff`],
    ['half a character', '\ud800', String.raw`\ud800`],
    ['other line breaks', 'a\u0085b\u2028c', String.raw`a\u0085b\u2028c`],
  ])('is a line that shows %s', (_sentence, text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it('is shown wherever it stands in a report, and the lines of a dry run stay lines', () => {
    const report = { name: 'a\nb', list: ['\u0007'], count: 1, none: null, step: { dryRun: 'one\u001b\ntwo' } };
    expect(visibleTexts(report)).toEqual({ name: String.raw`a\nb`, list: [String.raw`\u0007`], count: 1, none: null, step: { dryRun: 'one\\u001b\ntwo' } });
  });
});
