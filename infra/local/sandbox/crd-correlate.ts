import { canonicalJson } from '../../../shared/api/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { SchemaNode } from './crd-node.ts';

/** The members by which an item of a list of type map is told from the others. */
export function itemKey(node: SchemaNode, item: JsonValue): JsonObject {
  const names = node['x-kubernetes-list-map-keys'] ?? [];
  return isJsonObject(item) ? Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]])) : {};
}

/** The stored item that this one continues. Only lists of type map have such: in others a position says nothing. */
export function correlatedItem(node: SchemaNode, item: JsonValue, old: JsonValue | undefined): JsonValue | undefined {
  if (node['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined;
  const key = canonicalJson(itemKey(node, item));
  return old.find((stored: JsonValue) => canonicalJson(itemKey(node, stored)) === key);
}
