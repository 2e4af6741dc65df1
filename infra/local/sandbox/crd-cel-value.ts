import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { CompiledNode } from './crd-compile.ts';

/** JSON as a rule in CEL sees it, typed by its schema: integers, times, and members under their escaped names. */
export function celValue(schema: CompiledNode | undefined, value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map((item: JsonValue) => celValue(schema?.items, item));
  if (isJsonObject(value)) return celObject(schema, value);
  if (typeof value === 'number') return celNumber(schema, value);
  if (typeof value === 'string' && schema?.node.type === 'string' && schema.node.format === 'date-time') return new Date(value);
  return value;
}

/** The evaluator tells a map by its constructor, which a member may shadow: then it is given one that cannot be shadowed. */
function celObject(schema: CompiledNode | undefined, value: JsonObject): Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown> {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const entries = members.map(([field, member]) => {
    const property = schema?.properties.get(field);
    const typed = celValue(property ?? schema?.additionalProperties, member ?? null);
    return [property === undefined ? field : escapedName(field), typed] as const;
  });
  return Object.hasOwn(value, 'constructor') ? new Map(entries) : Object.fromEntries(entries);
}

/** A number of unknown type is an integer when it is whole: JSON does not tell 1 from 1.0. */
function celNumber(schema: CompiledNode | undefined, value: number): number | bigint {
  return schema?.node.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** CEL has no quoting for members: Kubernetes spells what is no identifier with double underscores. */
export function escapedName(field: string): string {
  if (reservedWords.has(field)) return `__${field}__`;
  const spelled = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' } as const;
  return field.replace(/__|[./-]/g, (match) => (match === '__' || match === '.' || match === '-' || match === '/' ? spelled[match] : match));
}
