import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { CompiledNode } from './crd-compile.ts';
import { childPath } from './crd-validate.ts';

const identityFields = new Set(['apiVersion', 'kind', 'metadata']);

/** Paths of the fields that no schema names, in the order of the object: a typing error that pruning would hide. */
export function unknownFields(root: CompiledNode, object: JsonObject): readonly string[] {
  const content = Object.entries(object).filter(([field]) => !identityFields.has(field));
  return unknownIn(root, Object.fromEntries(content), '');
}

function unknownIn(schema: CompiledNode, value: JsonValue, path: string): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item: JsonValue, index) => unknownIn(items, item, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([field, member]) => {
    const child = schema.properties.get(field) ?? schema.additionalProperties;
    if (child !== undefined) return unknownIn(child, member ?? null, childPath(path, field));
    return schema.node['x-kubernetes-preserve-unknown-fields'] === true ? [] : [childPath(path, field)];
  });
}
