import { actions } from '../../../shared/actions/index.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { hostileTexts, hostileValues } from './values.ts';

/** Stands where the hostile value will stand. */
const here = '@here';

/** Parameters that nothing speaks against, with one place in them for a hostile value; `field` is what a refusal has to name. */
export interface Place {
  readonly action: string;
  readonly name: string;
  readonly field: string;
  readonly parameters: JsonObject;
  readonly values: readonly string[];
}

const sound: Readonly<Record<string, JsonObject>> = {
  scale_deployment: { namespace: 'production', deployment: 'payment-api', replicas: 5 },
  restart_pod: { namespace: 'production', pod: 'payment-api-7d9-x1', gracePeriodSeconds: 10 },
  patch_configmap: { namespace: 'production', configmap: 'app-config', data: { level: 'debug' } },
  increase_memory_limit: { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '1Gi' },
};

/** What lies below a parameter that is no text and no number itself. */
const below: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> = {
  patch_configmap: {
    'data.value': { data: { level: here } },
    'data.key': { data: { [here]: 'debug' } },
    'remove[0]': { remove: [here] },
    'restart.kind': { restart: { kind: here, name: 'payment-api' } },
    'restart.name': { restart: { kind: 'deployment', name: here } },
    'restart.key': { restart: { kind: 'deployment', name: 'payment-api', [here]: 'x' } },
  },
};

/** Every parameter of every action, from the catalogue: an action without sound parameters here is told. */
export const places: readonly Place[] = actions.flatMap(({ name: action, params }) => {
  const parameters = sound[action];
  if (parameters === undefined) throw new Error(`test/hostile/gates/places.ts: ${action} is new, and has no sound parameters yet`);
  const own = Object.keys(params.shape).map((name) => [name, { [name]: here }, valuesOf(name)] as const);
  const inner = Object.entries(below[action] ?? {}).map(([name, overrides]) => [name, overrides, name.endsWith('key') ? hostileTexts : hostileValues] as const);
  const unknown = ['a key of nobody’s', { [here]: 'x' }, hostileTexts] as const;
  return [...own, ...inner, unknown].map(([name, overrides, values], index) => ({
    action,
    name,
    field: name === unknown[0] ? '' : (/^\w+/.exec(name)?.[0] ?? ''),
    parameters: { ...parameters, ...overrides },
    values: shareOf(values, index),
  }));
});

/** Every other text, by turns: each place still gets more than two hundred, and each text half of the places of every action. */
function shareOf(values: readonly string[], index: number): readonly string[] {
  return values.filter((value, at) => !value.startsWith('"') || at % 2 === index % 2);
}

/** That is what an undo sets, and no attack. */
function valuesOf(name: string): readonly string[] {
  return name === 'restore' ? hostileValues.filter((value) => value !== 'true') : hostileValues;
}

/** The parameters as JSON, the hostile value in its place. */
export function parametersWith({ parameters }: Pick<Place, 'parameters'>, value: string): string {
  return JSON.stringify(parameters).replace(JSON.stringify(here), () => value);
}
