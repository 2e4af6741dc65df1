import { seededRandom } from '../../infra/local/stack/random.ts';
import type { TrackedClock } from '../../infra/local/tracked-clock.ts';
import type { ApiRequest } from '../../shared/kubernetes/request.ts';

/**
 * What befalls a call. `twice`: a proxy that sends a request again whose answer it lost, so that a write meets itself (409). `late`: the caller gives
 * up, and the request is served afterwards.
 */
export type Fault = 'error' | 'throttled' | 'unreachable' | 'lost answer' | 'twice' | 'slow answer' | 'slow request' | 'late';

/** A kind of storm that a scenario wants; what it leaves open the seed decides. */
export interface Forecast {
  readonly severity?: number;
  /** Of the requests that it may befall; the severity where it does not say. */
  readonly requestSeverity?: number;
  readonly stormSeconds?: number;
  /** Share of the watcher's messages that never leave; a quarter of the severity where it does not say. */
  readonly lostWatches?: number;
  readonly faults?: readonly [Fault, ...Fault[]];
  /** Which requests it may befall; all of them where it does not say. */
  readonly befalls?: (request: ApiRequest) => boolean;
}

/** Chance and time of a seed: faults come while the storm rages, and then it is calm and everything has to come to its end. */
export interface Weather {
  /** Share of the calls that something befalls. */
  readonly severity: number;
  readonly requestSeverity: number;
  readonly stormSeconds: number;
  readonly lostWatches: number;
  readonly faults: readonly [Fault, ...Fault[]];
  readonly befalls: (request: ApiRequest) => boolean;
  /** The storm begins. */
  rise(): void;
  isStormy(): boolean;
  /** True with this probability; false whenever it is calm. */
  strikes(probability: number): boolean;
  /** 0 to below 1. */
  draw(): number;
  between(min: number, max: number): number;
  oneOf<Item>(items: readonly [Item, ...Item[]]): Item;
}

const severities = [0.02, 0.05, 0.1, 0.2, 0.3] as const;
const allFaults: readonly [Fault, ...Fault[]] = ['error', 'throttled', 'unreachable', 'lost answer', 'twice', 'slow answer', 'slow request', 'late'];
const stormSecondsMin = 20;
const stormSecondsMax = 900; // longer than a message with 8 receives lives

export function weatherOf(seed: number, clock: TrackedClock, forecast: Forecast = {}): Weather {
  const draw = seededRandom(seed);
  const between = (min: number, max: number) => min + draw() * (max - min);
  const oneOf = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(draw() * items.length)] ?? items[0];
  const drawnSeverity = oneOf(severities);
  const drawnSeconds = Math.round(between(stormSecondsMin, stormSecondsMax));
  const { severity = drawnSeverity, stormSeconds = drawnSeconds, faults = allFaults, befalls = () => true } = forecast;
  const { requestSeverity = severity, lostWatches = severity / 4 } = forecast;
  let endMilliseconds = 0;
  const isStormy = () => clock.milliseconds() < endMilliseconds;
  return {
    severity,
    requestSeverity,
    stormSeconds,
    lostWatches,
    faults,
    befalls,
    rise() {
      endMilliseconds = clock.milliseconds() + stormSeconds * 1_000;
    },
    isStormy,
    strikes: (probability) => isStormy() && draw() < probability,
    draw,
    between,
    oneOf,
  };
}
