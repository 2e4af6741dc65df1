import * as z from 'zod';
import { bytesOf, isJsonObject, jsonBytesOf, type JsonObject } from '../api/json.ts';
import { configBytesMax, configKeysMax, configValueBytesMax } from './limits.ts';
import { mustBe, nameSchema, namespaceSchema, restoreSchema, workloadKindSchema } from './parameters.ts';

const keyLengthMax = 253;
const dataWords = `an object of 1 to ${configKeysMax} keys, each with a text`;
const removeWords = `a list of 1 to ${configKeysMax} keys`;
const restartSchema = z.strictObject({ kind: workloadKindSchema, name: nameSchema('workload') }, mustBe('an object with the kind and name of a workload'));

/**
 * z.record drops a key named __proto__ silently, so the object is taken as it came and judged by hand. Values may hold line breaks and
 * tabs, for files of settings have lines, and they travel escaped inside one JSON argument.
 */
const dataSchema = z
  .custom<Readonly<Record<string, string>>>(isTextMap, mustBe(dataWords))
  .meta({ type: 'object', additionalProperties: { type: 'string' }, maxProperties: configKeysMax })
  .describe(`Key → value, at most ${configValueBytesMax} bytes each.`);

const removeSchema = z
  .array(z.string(mustBe('a key')), mustBe(removeWords))
  .min(1, mustBe(removeWords))
  .max(configKeysMax, mustBe(removeWords))
  .describe('Keys to take out: what an undo does with those that were not there before.');

export const configParamsSchema = z
  .strictObject({
    namespace: namespaceSchema,
    configmap: nameSchema('ConfigMap'),
    data: dataSchema.optional(),
    remove: removeSchema.optional(),
    restart: restartSchema.optional().describe('The workload that reads it: checked to exist and to read it; its restart is a step of its own.'),
    restore: restoreSchema,
  })
  .superRefine((params, context) => {
    for (const [path, message] of mistakes(params)) context.addIssue({ code: 'custom', path: [...path], message });
  });
export type ConfigParams = z.infer<typeof configParamsSchema>;

/** The keys that a patch sets or takes out, each once, sorted: the order in which everything about them is written. */
export function touchedKeys({ data = {}, remove = [] }: Pick<ConfigParams, 'data' | 'remove'>): readonly string[] {
  return [...Object.keys(data), ...remove].toSorted();
}

/** What counts against `configBytesMax`. */
export function configBytesOf({ data = {}, remove = [] }: JsonObject): number {
  return jsonBytesOf(data) + jsonBytesOf(remove);
}

type Mistake = readonly [path: readonly string[], message: string];

function mistakes({ data = {}, remove = [], restore }: ConfigParams): readonly Mistake[] {
  const keys = touchedKeys({ data, remove });
  const found = keys.map((key) => keyMistake(Object.hasOwn(data, key) ? 'data' : 'remove', key)).filter((mistake) => mistake !== null);
  for (const [key, value] of Object.entries(data)) {
    const message = restore === true ? null : valueMistake(value);
    if (message !== null) found.push([['data', shown(key)], message]);
  }
  if (keys.length === 0) found.push([['data'], `is missing: it must be ${dataWords}, or remove must name a key`]);
  if (keys.length > configKeysMax) found.push([['remove'], `must not name more than ${configKeysMax} keys together with data`]);
  if (new Set(keys).size < keys.length) found.push([['remove'], 'must name each key once, and none that data sets']);
  if (configBytesOf({ data, remove }) > configBytesMax) found.push([['data'], `must not exceed ${configBytesMax} bytes as JSON, remove included`]);
  return found;
}

/** The rules of the API for the keys of a ConfigMap, and no leading dash. */
function keyMistake(field: string, key: string): Mistake | null {
  const allowed = /^[._a-zA-Z0-9][-._a-zA-Z0-9]*$/.test(key) && key.length <= keyLengthMax && key !== '.' && !key.startsWith('..');
  return allowed
    ? null
    : [[field, shown(key)], `must have a key of letters, digits, '-', '_' and '.', at most ${keyLengthMax}, that begins with no '-' and no '..'`];
}

/** An undo writes back what the cluster held, whatever it was; for all others the rules for values hold. */
function valueMistake(value: string): string | null {
  if (value.startsWith('-')) return `must not begin with '-'`;
  if (/[^\P{Cc}\n\t]/u.test(value)) return 'must hold no control character but line breaks and tabs';
  return bytesOf(value) > configValueBytesMax ? `must not exceed ${configValueBytesMax} bytes` : null;
}

function isTextMap(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const values = Object.values(value);
  return values.length > 0 && values.length <= configKeysMax && values.every((text) => typeof text === 'string');
}

/** A key comes from outside and ends in a message. */
function shown(key: string): string {
  return key.replace(/\p{Cc}/gu, '?').slice(0, 63);
}
