import * as z from 'zod';

/** RFC 3339 in UTC: '2026-01-15T10:35:20Z'. Whole seconds are printed, a fraction is accepted. */
export type Instant = string;

// 35 holds nanoseconds and an offset, the longest RFC 3339 that Go prints
export const instantSchema = z.iso.datetime().max(35).refine(isReadable, { error: 'must be an RFC 3339 time of at most nine decimals' });

/** Go's duration grammar, without a sign: no wait of ours is negative. */
const durationPattern = /^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:h|m|s|ms|us|ns))+$/;
export const durationSchema = z.string().max(16).regex(durationPattern);

/** A timeout of a step or an execution: shorter leaves a Job no time to start, longer outlives the function's patience for one step. */
export const timeoutSecondsMin = 10;
export const timeoutSecondsMax = 900;
export const timeoutSchema = durationSchema
  .refine((text) => !durationPattern.test(text) || timeoutIsWithinBounds(durationSeconds(text)), { error: 'must lie between 10s and 15m' })
  .meta({
    'x-kubernetes-validations': [{ rule: "duration(self) >= duration('10s') && duration(self) <= duration('15m')", message: 'must lie between 10s and 15m' }],
  });

function timeoutIsWithinBounds(seconds: number): boolean {
  return seconds >= timeoutSecondsMin && seconds <= timeoutSecondsMax;
}

/** Prints whole seconds, as metav1.Time does; the fraction is dropped, never rounded up into the future. */
export function instantFromMilliseconds(milliseconds: number): Instant {
  const wholeSeconds = Math.floor(milliseconds / 1000) * 1000;
  return new Date(wholeSeconds).toISOString().replace('.000Z', 'Z');
}

const instantPattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** What `millisecondsOf` takes: a schema that lets more through leaves an exception to whoever reckons with it. */
function isReadable(text: string): boolean {
  return instantPattern.test(text);
}

/** Throws RangeError on what is no RFC 3339 time: by then a schema should have refused it. */
export function millisecondsOf(instant: Instant): number {
  const match = instantPattern.exec(instant);
  const milliseconds = match === null ? Number.NaN : Date.parse(instant.toUpperCase());
  if (match === null || Number.isNaN(milliseconds) || !dayExists(match)) throw new RangeError(`not an RFC 3339 time: ${JSON.stringify(instant)}`);
  return milliseconds;
}

/** Date.parse takes 30 February for 2 March. */
function dayExists([, year, month, day]: RegExpExecArray): boolean {
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= lastDay;
}

/** The one spelling of an instant: UTC, no trailing zeros in the fraction, every digit kept. What a derived name hashes. */
export function canonicalInstant(instant: Instant): Instant {
  const milliseconds = millisecondsOf(instant);
  const fraction = (instantPattern.exec(instant)?.[7] ?? '').replace(/0+$/, '');
  const wholeSeconds = instantFromMilliseconds(milliseconds).slice(0, -1);
  return fraction === '' ? `${wholeSeconds}Z` : `${wholeSeconds}.${fraction}Z`;
}

export function addSeconds(instant: Instant, seconds: number): Instant {
  return instantFromMilliseconds(millisecondsOf(instant) + seconds * 1000);
}

/** Negative when `to` is the earlier one. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (millisecondsOf(to) - millisecondsOf(from)) / 1000;
}

export function isAfter(a: Instant, b: Instant): boolean {
  return millisecondsOf(a) > millisecondsOf(b);
}

export function latest(a: Instant, b: Instant): Instant {
  return isAfter(b, a) ? b : a;
}

const secondsPerUnit: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** Seconds of "5m", "5m0s", "300s" or "1h30m". Throws RangeError on anything else. */
export function durationSeconds(text: string): number {
  if (!durationPattern.test(text)) throw new RangeError(`not a duration: ${JSON.stringify(text)}`);
  const parts = text.matchAll(/([0-9.]+)([a-z]+)/g);
  return [...parts].reduce((total, [, amount, unit]) => total + Number(amount) * (secondsPerUnit[unit ?? ''] ?? Number.NaN), 0);
}

/** Whole seconds without zero units: "30s", "1m35s", "5m", "2h", "0s". A negative span reads "0s": a clock that stepped back. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
  ] as const;
  const printed = units.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`);
  return printed.join('') || '0s';
}
