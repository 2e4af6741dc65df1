import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { invalidType, invalidValue, notSupported, requiredValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';

// Each check looks at one member of an object; `field` is the path of the object. None says anything of an absent member, unless it is required.

/** A whole number within bounds. */
export function countCauses(
  object: JsonObject,
  field: string,
  member: string,
  { min = 0, max = 2 ** 31 - 1 }: { readonly min?: number; readonly max?: number } = {},
): readonly Cause[] {
  const value = object[member];
  if (value === undefined) return [];
  const path = `${field}.${member}`;
  if (typeof value !== 'number' || !Number.isInteger(value)) return [invalidType(path, 'integer', typeName(value))];
  if (value < min) return [invalidValue(path, value, `must be greater than or equal to ${min}`)];
  return value > max ? [invalidValue(path, value, `must be less than or equal to ${max}`)] : [];
}

export function choiceCauses(object: JsonObject, field: string, member: string, supported: readonly string[]): readonly Cause[] {
  const value = object[member];
  return value === undefined || supported.some((choice) => choice === value) ? [] : [notSupported(`${field}.${member}`, value, supported)];
}

/** A string that is not empty. */
export function requiredText(object: JsonObject, field: string, member: string): readonly Cause[] {
  const value = object[member];
  if (value === undefined || value === '') return [requiredValue(`${field}.${member}`)];
  return typeof value === 'string' ? [] : [invalidType(`${field}.${member}`, 'string', typeName(value))];
}

export function requiredObject(object: JsonObject, field: string, member: string): readonly Cause[] {
  const value = object[member];
  if (value === undefined) return [requiredValue(`${field}.${member}`)];
  return isJsonObject(value) ? [] : [invalidType(`${field}.${member}`, 'object', typeName(value))];
}

/** A map from strings to strings. */
export function textMapCauses(object: JsonObject, field: string, member: string): readonly Cause[] {
  const value = object[member];
  if (value === undefined) return [];
  const path = `${field === '' ? '' : `${field}.`}${member}`;
  if (!isJsonObject(value)) return [invalidType(path, 'object', typeName(value))];
  return Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [] : [invalidType(`${path}[${key}]`, 'string', typeName(text))]));
}

export function typeName(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
