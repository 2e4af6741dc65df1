import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { CompiledNode } from './crd-compile.ts';

/** What every object has, whatever its schema says. */
const identityFields = new Set(['apiVersion', 'kind', 'metadata']);

/** The object as an API server stores it: unknown fields and needless nulls removed, defaults filled in. */
export function shapedObject(root: CompiledNode, object: JsonObject): JsonObject {
  const identity = Object.entries(object).filter(([field]) => identityFields.has(field));
  const content = Object.fromEntries(Object.entries(object).filter(([field]) => !identityFields.has(field)));
  const shaped = shapedValue(root, content);
  return isJsonObject(shaped) ? { ...Object.fromEntries(identity), ...shaped } : object;
}

function shapedValue(schema: CompiledNode, value: JsonValue): JsonValue {
  if (Array.isArray(value))
    return value.map((item: JsonValue) => (schema.items === undefined ? item : shapedValue(schema.items, itemOrDefault(schema.items, item))));
  return isJsonObject(value) ? shapedMembers(schema, value) : value;
}

function shapedMembers(schema: CompiledNode, value: JsonObject): JsonObject {
  const known = Object.entries(value).flatMap(([field, member]) => shapedMember(schema, field, member));
  const defaults = [...schema.properties].flatMap(([field, { node }]) =>
    node.default === undefined || isGiven(value[field], schema.properties.get(field)) ? [] : [[field, node.default] as const],
  );
  const members: JsonObject = Object.fromEntries(known);
  // A default may lack fields that have defaults of their own.
  const filled = defaults.map(([field, given]) => [field, shapedValue(schema.properties.get(field) ?? schema, given)] as const);
  return { ...members, ...Object.fromEntries(filled) };
}

function shapedMember(schema: CompiledNode, field: string, member: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  if (member === undefined) return [];
  const child = schema.properties.get(field) ?? schema.additionalProperties;
  if (child === undefined) return schema.node['x-kubernetes-preserve-unknown-fields'] === true ? [[field, member]] : [];
  // Null is no value of a field that is not nullable: as if the field were absent.
  return member === null && child.node.nullable !== true ? [] : [[field, shapedValue(child, member)]];
}

function isGiven(member: JsonValue | undefined, child: CompiledNode | undefined): boolean {
  return member !== undefined && (member !== null || child?.node.nullable === true);
}

function itemOrDefault({ node }: CompiledNode, item: JsonValue): JsonValue {
  return item === null && node.nullable !== true && node.default !== undefined ? node.default : item;
}
