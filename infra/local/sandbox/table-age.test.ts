import { describe, expect, it } from 'vitest';
import { ageOf, humanDuration } from './table-age.ts';

describe('humanDuration', () => {
  it.each([
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [599, '9m59s'],
    [600, '10m'],
    [10_799, '179m'],
    [10_800, '3h'],
    [11_460, '3h11m'],
    [28_800, '8h'],
    [172_799, '47h'],
    [172_800, '2d'],
    [176_400, '2d1h'],
    [691_200, '8d'],
    [63_072_000, '2y'],
    [63_158_400, '2y1d'],
    [252_288_000, '8y'],
  ])('prints %d seconds as %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });
});

describe('ageOf', () => {
  it.each([
    ['2026-01-15T10:35:20Z', '5m'],
    [undefined, '<unknown>'],
    ['soon', '<invalid>'],
  ])('of %s', (instant, text) => {
    expect(ageOf(instant, '2026-01-15T10:40:20Z')).toBe(text);
  });
});
