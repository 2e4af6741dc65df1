import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../../shared/api/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { duplicateValue, invalidValue, notSupported, requiredValue, tooLong, tooMany } from './crd-causes.ts';
import type { CompiledNode } from './crd-compile.ts';
import { correlatedItem, itemKey } from './crd-correlate.ts';
import type { SchemaNode } from './crd-node.ts';
import { formatCauses, typeCauses } from './crd-value-type.ts';
import type { Cause } from './extension.ts';

/** `old`: the stored value at the same place. What was stored already and has not changed is not held against the writer. */
export interface Place {
  readonly path: string;
  readonly old: JsonValue | undefined;
}

/** Everything that the schema finds wrong with a value, but for its rules in CEL. */
export function schemaCauses(schema: CompiledNode, value: JsonValue, place: Place): readonly Cause[] {
  const causes = [...ownCauses(schema, value, place.path), ...childCauses(schema, value, place)];
  const unchanged = causes.length > 0 && place.old !== undefined && isDeepStrictEqual(value, place.old);
  return unchanged ? [] : causes;
}

export function childPath(path: string, field: string): string {
  return path === '' || field === '' ? `${path}${field}` : `${path}.${field}`;
}

function ownCauses(schema: CompiledNode, value: JsonValue, path: string): readonly Cause[] {
  const { node } = schema;
  return [...typeCauses(node, value, path), ...contentCauses(schema, value, path), ...enumCauses(node.enum, value, path)];
}

function contentCauses(schema: CompiledNode, value: JsonValue, path: string): readonly Cause[] {
  if (typeof value === 'string') return stringCauses(schema, value, path);
  if (typeof value === 'number') return numberCauses(schema, value, path);
  if (Array.isArray(value)) return listCauses(schema, value, path);
  return isJsonObject(value) ? objectCauses(schema, value, path) : [];
}

/** The first violation only, as the real API says it. */
function stringCauses({ node, pattern }: CompiledNode, value: string, path: string): readonly Cause[] {
  const length = [...value].length;
  const { minLength, maxLength } = node;
  const found = (): Cause | null => {
    if (maxLength !== undefined && length > maxLength) return tooLong(path, maxLength);
    if (minLength !== undefined && length < minLength) return invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`);
    if (pattern !== undefined && !pattern.test(value)) return invalidValue(path, value, `${path} in body should match '${node.pattern}'`);
    return null;
  };
  const cause = found();
  return [...(cause === null ? [] : [cause]), ...formatCauses(node, value, path)];
}

function numberCauses({ node }: CompiledNode, value: number, path: string): readonly Cause[] {
  const { multipleOf } = node;
  const isMultiple = multipleOf === undefined || Number.isInteger(value / multipleOf);
  const wrong = [...(isMultiple ? [] : [`a multiple of ${multipleOf}`]), ...belowMinimum(node, value), ...aboveMaximum(node, value)];
  return [...formatCauses(node, value, path), ...wrong.map((wanted) => invalidValue(path, value, `${path} in body should be ${wanted}`))];
}

function belowMinimum({ minimum, exclusiveMinimum = false }: SchemaNode, value: number): readonly string[] {
  if (minimum === undefined || value > minimum || (value === minimum && !exclusiveMinimum)) return [];
  return [exclusiveMinimum ? `greater than ${minimum}` : `greater than or equal to ${minimum}`];
}

function aboveMaximum({ maximum, exclusiveMaximum = false }: SchemaNode, value: number): readonly string[] {
  if (maximum === undefined || value < maximum || (value === maximum && !exclusiveMaximum)) return [];
  return [exclusiveMaximum ? `less than ${maximum}` : `less than or equal to ${maximum}`];
}

function listCauses({ node }: CompiledNode, value: readonly JsonValue[], path: string): readonly Cause[] {
  const { minItems, maxItems } = node;
  return [
    ...(minItems !== undefined && value.length < minItems ? [invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`)] : []),
    ...(maxItems !== undefined && value.length > maxItems ? [tooMany(path, value.length, maxItems)] : []),
    ...repeatedItems(node, value, path),
  ];
}

/** The second of two equal items; in a map, of two with equal keys. */
function repeatedItems(node: SchemaNode, value: readonly JsonValue[], path: string): readonly Cause[] {
  const listType = node['x-kubernetes-list-type'] ?? 'atomic';
  if (listType === 'atomic') return [];
  const keys = value.map((item) => (listType === 'set' ? item : itemKey(node, item)));
  const texts = keys.map((key) => canonicalJson(key));
  return keys.flatMap((key, index) => {
    const repeats = texts.slice(0, index).filter((text) => text === texts[index]).length;
    return repeats === 1 ? [duplicateValue(`${path}[${index}]`, key)] : [];
  });
}

function objectCauses({ node }: CompiledNode, value: JsonObject, path: string): readonly Cause[] {
  const count = Object.keys(value).length;
  const { minProperties, maxProperties, required = [] } = node;
  return [
    ...(minProperties !== undefined && count < minProperties
      ? [invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`)]
      : []),
    ...(maxProperties !== undefined && count > maxProperties ? [tooMany(path, count, maxProperties)] : []),
    ...required.filter((field) => value[field] === undefined).map((field) => requiredValue(childPath(path, field))),
  ];
}

function enumCauses(allowed: readonly JsonValue[] | undefined, value: JsonValue, path: string): readonly Cause[] {
  if (allowed === undefined || allowed.some((item) => isDeepStrictEqual(item, value))) return [];
  return [notSupported(path, value, allowed)];
}

function childCauses(schema: CompiledNode, value: JsonValue, { path, old }: Place): readonly Cause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item: JsonValue, index) => schemaCauses(items, item, { path: `${path}[${index}]`, old: correlatedItem(schema.node, item, old) }));
  }
  if (!isJsonObject(value)) return [];
  const stored = isJsonObject(old) ? old : {};
  return Object.entries(value).flatMap(([field, member]) => {
    const child = schema.properties.get(field) ?? schema.additionalProperties;
    return child === undefined || member === undefined ? [] : schemaCauses(child, member, { path: childPath(path, field), old: stored[field] });
  });
}
