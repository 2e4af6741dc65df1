import * as z from 'zod';
import { isJsonObject } from './json.ts';

/** A structural schema of apiextensions.k8s.io/v1, or a part of one. */
export type StructuralSchema = Record<string, unknown>;

/** zod schema → structural schema. Throws, with the path, on what a CRD cannot hold and on what has no bound. Source of every CRD. */
export function crdSchema(schema: z.ZodType): StructuralSchema {
  const override = (context: { readonly jsonSchema: unknown }) => {
    tidy(context.jsonSchema as StructuralSchema);
  };
  // A free-form object is a custom check, which zod can only print as {}: its type comes from .meta(), and a node without one is refused below.
  const tree: StructuralSchema = {
    ...z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', cycles: 'throw', unrepresentable: 'any', override }),
  };
  delete tree['$schema'];
  refuse(tree, 'openAPIV3Schema');
  return tree;
}

function tidy(node: StructuralSchema): void {
  if (node['format'] === 'date-time') delete node['pattern']; // zod adds a 300-character expression
  if (node['type'] === 'integer') tidyInteger(node);
  if (node['x-kubernetes-int-or-string'] === true) delete node['anyOf'];
  if (node['x-kubernetes-preserve-unknown-fields'] === true) delete node['additionalProperties'];
  delete node['propertyNames']; // no CRD bounds the keys of a map: the schema at the rim does
  delete node['readOnly']; // from .readonly()
}

function tidyInteger(node: StructuralSchema): void {
  node['format'] = node['minimum'] === -(2 ** 31) && node['maximum'] === 2 ** 31 - 1 ? 'int32' : 'int64';
  if (node['minimum'] === Number.MIN_SAFE_INTEGER) delete node['minimum'];
  if (node['maximum'] === Number.MAX_SAFE_INTEGER) delete node['maximum'];
}

const unstructural = ['$ref', 'definitions', 'oneOf', 'anyOf', 'allOf', 'not', 'const'] as const;

/** Walks the finished tree: an override sees a schema before its .meta() is merged. A field may itself be named `not` or `properties`. */
function refuse(node: StructuralSchema, path: string): void {
  const mistake = mistakeOf(node);
  if (mistake !== null) throw new Error(`${path}: ${mistake}`);
  for (const [name, child] of childrenOf(node)) refuse(child, `${path}.${name}`);
}

function mistakeOf(node: StructuralSchema): string | null {
  const keyword = unstructural.find((name) => name in node);
  if (keyword !== undefined) return `${keyword} is not structural`;
  if (node['additionalProperties'] === false) return 'additionalProperties: false is not structural';
  if (node['type'] === undefined && node['x-kubernetes-int-or-string'] !== true) return 'has no type';
  return boundIsMissing(node) ? 'has no bound, so the cost of a rule over it cannot be estimated' : null;
}

function boundIsMissing(node: StructuralSchema): boolean {
  switch (node['type']) {
    case 'string':
      return node['maxLength'] === undefined && node['enum'] === undefined;
    case 'array':
      return node['maxItems'] === undefined;
    case 'object':
      return node['additionalProperties'] !== undefined && node['maxProperties'] === undefined;
    default:
      return false;
  }
}

function childrenOf(node: StructuralSchema): readonly (readonly [name: string, child: StructuralSchema])[] {
  const { properties, items, additionalProperties } = node;
  return [
    ...(isJsonObject(properties) ? Object.entries(properties) : []),
    ...(items === undefined ? [] : [['items', items] as const]),
    ...(additionalProperties === undefined ? [] : [['additionalProperties', additionalProperties] as const]),
  ].map(([name, child]) => [name, child as StructuralSchema]);
}
