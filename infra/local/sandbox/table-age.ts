import { millisecondsOf, secondsBetween, type Instant } from '../../../shared/api/time.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** How long ago, as `kubectl get` prints it; the server renders it, so that the clock of the sandbox counts. */
export function ageOf(instant: unknown, now: Instant): string {
  if (typeof instant !== 'string') return '<unknown>';
  return isInstant(instant) ? humanDuration(secondsBetween(instant, now)) : '<invalid>';
}

function isInstant(text: string): boolean {
  try {
    millisecondsOf(text);
    return true;
  } catch {
    return false;
  }
}

/** Two or three significant figures: k8s.io/apimachinery/pkg/util/duration. Clocks may differ by two seconds. */
export function humanDuration(exactSeconds: number): string {
  const seconds = Math.trunc(exactSeconds);
  if (seconds < -1) return '<invalid>';
  if (seconds < 2 * minute) return `${Math.max(0, seconds)}s`;
  if (seconds < 10 * minute) return twoUnits(seconds, [minute, 'm'], [1, 's']);
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`;
  if (seconds < 8 * hour) return twoUnits(seconds, [hour, 'h'], [minute, 'm']);
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`;
  if (seconds < 8 * day) return twoUnits(seconds, [day, 'd'], [hour, 'h']);
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`;
  return seconds < 8 * year ? twoUnits(seconds, [year, 'y'], [day, 'd']) : `${Math.floor(seconds / year)}y`;
}

type Unit = readonly [seconds: number, name: string];

function twoUnits(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}
