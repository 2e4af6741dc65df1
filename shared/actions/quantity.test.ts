import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareQuantities, formatMemory, parseQuantity } from './quantity.ts';

const units = 1_000_000_000n;

describe('parseQuantity', () => {
  it.each<[text: string, inUnits: bigint]>([
    ['0', 0n],
    ['1073741824', 1_073_741_824n],
    ['512Mi', 536_870_912n],
    ['1Gi', 1_073_741_824n],
    ['1.5Gi', 1_610_612_736n],
    ['.5Ki', 512n],
    ['5.', 5n],
    ['1k', 1_000n],
    ['1M', 1_000_000n],
    ['2E', 2_000_000_000_000_000_000n],
    ['2e3', 2_000n],
    ['2E3', 2_000n],
    ['2E+3', 2_000n],
    ['1500e-2', 15n],
    ['1Ei', 1_152_921_504_606_846_976n],
    ['-2Ki', -2_048n],
    ['+2Ki', 2_048n],
    ['128974848000m', 128_974_848n],
  ])('reads %s', (text, inUnits) => {
    expect(parseQuantity(text)).toBe(inUnits * units);
  });

  it.each([
    ['500m', 500_000_000n],
    ['1u', 1_000n],
    ['1n', 1n],
    ['0.1n', 1n],
    ['1e-12', 1n],
  ])('keeps the parts of %s, and rounds up what is finer', (text, billionths) => {
    expect(parseQuantity(text)).toBe(billionths);
  });

  it.each(['', '.', 'Mi', '1GB', '1gi', '1 Gi', ' 1Gi', '1Gi\n', '1e', '1e1Ki', '0x10', '1,5Gi', '--1', '1'.repeat(20), '1e100', 'NaN', '१Gi'])(
    'refuses %j',
    (text) => {
      expect(parseQuantity(text)).toBeNull();
    },
  );
});

describe('formatMemory', () => {
  it.each([
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1000', '1000'],
    ['1500m', '2'],
    ['0', '0'],
    ['1Ei', '1Ei'],
  ])('prints %s as %s', (text, printed) => {
    expect(formatMemory(parseQuantity(text) ?? 0n)).toBe(printed);
  });

  it('says whole bytes exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 60n), (bytes) => {
        expect(parseQuantity(formatMemory(bytes * units))).toBe(bytes * units);
      }),
    );
  });
});

describe('compareQuantities', () => {
  it.each<[a: string, b: string, order: number]>([
    ['1Gi', '1024Mi', 0],
    ['1G', '1Gi', -1],
    ['1.5Gi', '1535Mi', 1],
  ])('%s against %s', (a, b, order) => {
    expect(compareQuantities(parseQuantity(a) ?? 0n, parseQuantity(b) ?? 0n)).toBe(order);
  });
});
