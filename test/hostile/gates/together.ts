import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import type { Wanted } from './carry-out.ts';
import { parametersWith, type Place } from './places.ts';

/** A value that every gate let pass in its place. */
export interface Accepted {
  readonly place: Place;
  readonly value: string;
}

const keysAtOnce = 30; // a patch takes 32

/** Each value in an action of its own; but those of a ConfigMap, of which one patch can hold many, as many as it holds. */
export function together(accepted: readonly Accepted[]): readonly Wanted[] {
  const inData = accepted.filter(({ place }) => place.name === 'data.value' || place.name === 'data.key');
  const alone = accepted.filter((each) => !inData.includes(each));
  return [...alone.map(wantedOf), ...patchesOf(inData)];
}

function wantedOf({ place, value }: Accepted): Wanted {
  return { action: place.action, parameters: JSON.parse(parametersWith(place, value)) as JsonObject };
}

function patchesOf(accepted: readonly Accepted[]): readonly Wanted[] {
  const entries = accepted.map(({ place, value }, index): readonly [string, JsonValue] => {
    const text = JSON.parse(value) as string;
    return place.name === 'data.key' ? [text, 'debug'] : [`key-${index}`, text];
  });
  const patches: Wanted[] = [];
  for (let at = 0; at < entries.length; at += keysAtOnce) {
    const data: JsonObject = Object.fromEntries(entries.slice(at, at + keysAtOnce));
    patches.push({ action: 'patch_configmap', parameters: { namespace: 'production', configmap: 'app-config', data } });
  }
  return patches;
}
