import { canonicalJson } from '../../../shared/api/digest.ts';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { Cause } from './extension.ts';

// Field errors in the words of k8s.io/apimachinery/pkg/util/validation/field, which clients and tests compare.

export function requiredValue(field: string, detail = ''): Cause {
  return { reason: 'FieldValueRequired', message: detail === '' ? 'Required value' : `Required value: ${detail}`, field };
}

export function forbiddenField(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field };
}

export function invalidValue(field: string, value: JsonValue, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${detail}`, field };
}

/** A rule over an object or a list says nothing of the value, which may be long. */
export function invalidWithoutValue(field: string, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${detail}`, field };
}

/** `expected` is a type or a format; the value that is shown is the name of what was found instead. */
export function invalidType(field: string, expected: string, found: string): Cause {
  return { reason: 'FieldValueTypeInvalid', message: `Invalid value: ${shown(found)}: ${field} in body must be of type ${expected}: ${shown(found)}`, field };
}

export function notSupported(field: string, value: JsonValue, supported: readonly JsonValue[]): Cause {
  const values = supported.map((item) => quoted(typeof item === 'string' ? item : canonicalJson(item)));
  return { reason: 'FieldValueNotSupported', message: `Unsupported value: ${shown(value)}: supported values: ${values.join(', ')}`, field };
}

export function tooLong(field: string, lengthMax: number): Cause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${lengthMax} ${lengthMax === 1 ? 'byte' : 'bytes'}`, field };
}

export function tooMany(field: string, count: number, countMax: number): Cause {
  return { reason: 'FieldValueTooMany', message: `Too many: ${count}: must have at most ${countMax} ${countMax === 1 ? 'item' : 'items'}`, field };
}

export function duplicateValue(field: string, value: JsonValue): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}`, field };
}

/** As Go prints it: a string by %q, everything else as its JSON, which escapes what HTML would read. */
function shown(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value);
  return canonicalJson(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** JSON's quotes but for control characters. The pairs of backslashes are matched so that an escaped one is not taken for an escape. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\\\|\\u00([01][0-9a-f])/g, (match, code: string | undefined) => (code === undefined ? match : `\\x${code}`));
}
