import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSeconds,
  canonicalInstant,
  durationSeconds,
  formatDuration,
  instantFromMilliseconds,
  instantSchema,
  isAfter,
  latest,
  millisecondsOf,
  secondsBetween,
  timeoutSchema,
} from './time.ts';

const anInstant = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => instantFromMilliseconds(seconds * 1000));

describe('an instant', () => {
  it.each([
    [0, '1970-01-01T00:00:00Z'],
    [1_768_473_320_000, '2026-01-15T10:35:20Z'],
    [1_768_473_320_999, '2026-01-15T10:35:20Z'],
  ])('prints %d ms as %s', (milliseconds, instant) => {
    expect(instantFromMilliseconds(milliseconds)).toBe(instant);
  });

  it.each([
    ['2026-01-15T10:35:20Z', 1_768_473_320_000],
    ['2026-01-15T10:35:20.250Z', 1_768_473_320_250],
    ['2026-01-15T11:35:20+01:00', 1_768_473_320_000],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000],
  ])('reads %s', (instant, milliseconds) => {
    expect(millisecondsOf(instant)).toBe(milliseconds);
  });

  it.each(['', 'now', '2026-01-15', '2026-01-15T10:35Z', '2026-01-15T10:35:20', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-15T25:00:00Z'])(
    'refuses %j',
    (text) => {
      expect(() => millisecondsOf(text)).toThrow(RangeError);
    },
  );

  it.each([
    ['2026-01-15T10:35:20Z', '2026-01-15T10:35:20Z'],
    ['2026-01-15T10:35:20.000Z', '2026-01-15T10:35:20Z'],
    ['2026-01-15T10:35:20.120Z', '2026-01-15T10:35:20.12Z'],
    ['2026-01-15T12:35:20.123456789+02:00', '2026-01-15T10:35:20.123456789Z'],
  ])('%s has the one spelling %s', (instant, canonical) => {
    expect(canonicalInstant(instant)).toBe(canonical);
  });

  it('adds and measures seconds', () => {
    expect(addSeconds('2026-01-15T10:35:20Z', 100)).toBe('2026-01-15T10:37:00Z');
    expect(secondsBetween('2026-01-15T10:35:20Z', '2026-01-15T10:35:20.500Z')).toBe(0.5);
    fc.assert(
      fc.property(
        anInstant,
        fc.integer({ min: -86_400, max: 86_400 }),
        (instant, seconds) => secondsBetween(instant, addSeconds(instant, seconds)) === seconds,
      ),
    );
  });

  it('tells the later of two, also where their spelling would sort the other way', () => {
    expect(isAfter('2026-01-15T10:35:20.500Z', '2026-01-15T10:35:20Z')).toBe(true);
    expect(isAfter('2026-01-15T10:35:20Z', '2026-01-15T10:35:20.000Z')).toBe(false);
    expect(latest('2026-01-15T10:35:20Z', '2026-01-15T10:35:19Z')).toBe('2026-01-15T10:35:20Z');
    expect(latest('2026-01-15T10:35:19Z', '2026-01-15T10:35:20Z')).toBe('2026-01-15T10:35:20Z');
  });

  it('is UTC on the wire', () => {
    expect(instantSchema.safeParse('2026-01-15T10:35:20.123Z').success).toBe(true);
    expect(instantSchema.safeParse('2026-01-15T10:35:20+01:00').success).toBe(false);
  });
});

describe('a duration', () => {
  it.each([
    ['5m', 300],
    ['5m0s', 300],
    ['300s', 300],
    ['1h30m', 5_400],
    ['0s', 0],
    ['1.5h', 5_400],
    ['1500ms', 1.5],
  ])('%s lasts %d seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '5', 'm', '5 m', '-5m', '5d', '5m 3s', '1e3s', '.s'])('%j is none', (text) => {
    expect(() => durationSeconds(text)).toThrow(RangeError);
  });

  it.each([
    [0, '0s'],
    [30, '30s'],
    [95, '1m35s'],
    [300, '5m'],
    [7_200, '2h'],
    [3_605, '1h5s'],
    [59.9, '59s'],
    [-1, '0s'],
  ])('%d seconds print as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('reads back what it printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seconds) => {
        expect(durationSeconds(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });

  it.each([
    ['10s', true],
    ['15m', true],
    ['900s', true],
    ['9s', false],
    ['15m1s', false],
    ['soon', false],
  ])('as a timeout %s is accepted: %s', (text, accepted) => {
    expect(timeoutSchema.safeParse(text).success).toBe(accepted);
  });
});
