import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalInstant, instantSchema } from '../api/time.ts';
import { alertmanagerAlertSchema } from './alert-message.ts';

const takes = (startsAt: string) => alertmanagerAlertSchema.safeParse({ status: 'firing', labels: {}, startsAt }).success;
const twoDigits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));

describe('the time of an alert', () => {
  it('in UTC is taken exactly where a request can keep its canonical form', () => {
    const date = fc
      .tuple(fc.integer({ min: 0, max: 9_999 }), twoDigits(13), twoDigits(32))
      .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${month}-${day}`);
    const clock = fc.tuple(twoDigits(25), twoDigits(61), twoDigits(61)).map((parts) => parts.join(':'));
    const fraction = fc.option(fc.stringMatching(/^\.[0-9]{1,11}$/), { nil: '' });
    fc.assert(
      fc.property(date, clock, fraction, (day, time, decimals) => {
        const text = `${day}T${time}${decimals}Z`;
        expect([text, takes(text)]).toEqual([text, isKeptByARequest(text)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

function isKeptByARequest(text: string): boolean {
  try {
    return instantSchema.safeParse(canonicalInstant(text)).success;
  } catch {
    return false;
  }
}
