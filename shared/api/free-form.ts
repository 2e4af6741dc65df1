import * as z from 'zod';
import { isJsonObject, isWithinJsonBytes, type JsonObject } from './json.ts';

const preserved = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

/** A JSON object of whatever shape, written by ourselves: the writer keeps the bound, so that a reader never refuses what is stored. */
export const jsonObjectSchema = z.custom<JsonObject>(isJsonObject, { error: 'must be an object' }).meta(preserved);

/** A JSON object of whatever shape, at most `bytesMax` bytes as JSON, which no CRD can express. */
export function boundedJsonObject(bytesMax: number) {
  return z
    .custom<JsonObject>(isJsonObject, { error: 'must be an object' })
    .refine((value) => isWithinJsonBytes(value, bytesMax), { error: `must not exceed ${bytesMax} bytes as JSON` })
    .meta(preserved);
}

/** Parameters of an action. The action's own strict schema, at four gates, is the real bound. */
export const parametersBytesMax = 65_536;
const parameterCountMax = 32;
const parameterKeyLengthMax = 63;
export const parametersSchema = z
  .custom<JsonObject>(isJsonObject, { error: 'must be an object' })
  .refine((value) => Object.keys(value).length <= parameterCountMax, { error: `must not have more than ${parameterCountMax} keys` })
  .refine((value) => Object.keys(value).every((key) => key.length <= parameterKeyLengthMax), {
    error: `keys must not exceed ${parameterKeyLengthMax} characters`,
  })
  .refine((value) => isWithinJsonBytes(value, parametersBytesMax), { error: `must not exceed ${parametersBytesMax} bytes as JSON` })
  .meta({ ...preserved, maxProperties: parameterCountMax });

/** Labels or annotations of an alert. */
const labelCountMax = 64;
export const labelMapSchema = z
  .record(z.string().max(317), z.string().max(4096))
  .refine((labels) => Object.keys(labels).length <= labelCountMax, { error: `must not have more than ${labelCountMax} entries` })
  .meta({ maxProperties: labelCountMax });
export type LabelMap = Readonly<Record<string, string>>;
