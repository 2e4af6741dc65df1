import type { JsonValue } from '../../../shared/api/json.ts';
import { invalidType } from './crd-causes.ts';
import type { SchemaNode } from './crd-node.ts';
import type { Cause } from './extension.ts';

/** Type and format of a value, as the API server's validator infers them from JSON. */
function inferred(value: JsonValue): { readonly type: string; readonly format: string } {
  if (value === null) return { type: 'null', format: '' };
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value !== 'number') return { type: typeof value, format: '' };
  return Number.isInteger(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' };
}

export function typeCauses(node: SchemaNode, value: JsonValue, path: string): readonly Cause[] {
  const types = node['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : node.type === undefined ? [] : [node.type];
  const { type, format } = inferred(value);
  if (value === null && node.nullable === true) return [];
  if (types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))) return [];
  // The validator speaks of the format where there is one, unless the value is null, a string or a list.
  const byFormat = node.format !== undefined && !['null', 'string', 'array'].includes(type);
  return [byFormat ? invalidType(path, node.format ?? '', format) : invalidType(path, types.join(','), type)];
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const dateTimePattern = /^(\d{4}-\d{2}-\d{2})t([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:z|[+-]\d{2}:\d{2})$/;

/** The formats that generated definitions use; others are ignored, as the API ignores what it does not know. */
export function formatCauses({ type, format }: SchemaNode, value: string | number, path: string): readonly Cause[] {
  if (typeof value === 'number') return type === 'integer' && !fitsInteger(value, format) ? [outOfRange(format, path)] : [];
  const wrong = (format === 'date-time' && !isDateTime(value.toLowerCase())) || (format === 'date' && !isDate(value));
  return wrong && format !== undefined ? [invalidType(path, format, value)] : [];
}

function fitsInteger(value: number, format: string | undefined): boolean {
  if (!Number.isInteger(value)) return false;
  if (format === 'int32') return value >= int32.min && value <= int32.max;
  return value >= -(2 ** 63) && value < 2 ** 63;
}

/** This check of the API server knows no field but in its sentence. */
function outOfRange(format: string | undefined, path: string): Cause {
  const which = format === undefined ? '(default format)' : `with format ${format}`;
  return { reason: 'FieldValueInvalid', message: `Invalid value: "": Checked value must be of type integer ${which} in ${path}`, field: '<nil>' };
}

function isDateTime(text: string): boolean {
  const day = dateTimePattern.exec(text)?.[1];
  return day !== undefined && isDate(day);
}

function isDate(text: string): boolean {
  const match = datePattern.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
