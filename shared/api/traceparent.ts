import { sha256Hex } from './digest.ts';
import type { Instant } from './time.ts';

/** W3C trace context, derived from the firing: repeats of one alert belong to one trace. */
export function traceparentOf({ fingerprint, startsAt }: { readonly fingerprint: string; readonly startsAt: Instant }): string {
  const digest = sha256Hex(`${fingerprint}/${startsAt}`);
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
}
