import { forbiddenField, invalidValue, requiredValue } from './crd-causes.ts';
import type { CompiledNode } from './crd-compile.ts';
import type { SchemaNode } from './crd-node.ts';
import { childPath, schemaCauses } from './crd-validate.ts';
import type { Cause } from './extension.ts';

type Level = 'root' | 'field' | 'item';

interface Position {
  readonly path: string;
  readonly level: Level;
  /** The nearest list above that is not of type map: below it no value has an old one to be compared with. */
  readonly uncorrelatable: string | null;
}

const whereTypeIsMissing: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

/** What keeps a schema from being structural, in the words of apiextensions.k8s.io. */
export function structuralCauses(root: CompiledNode, path: string): readonly Cause[] {
  return causesAt(root, { path, level: 'root', uncorrelatable: null });
}

function causesAt(schema: CompiledNode, position: Position): readonly Cause[] {
  const { node } = schema;
  const { path, level } = position;
  return [
    ...typeCauses(node, position),
    ...(node.type === 'array' && node.items === undefined ? [requiredValue(`${path}.items`, 'must be specified')] : []),
    ...(level === 'root' && node.additionalProperties !== undefined ? [forbiddenField(`${path}.additionalProperties`, 'must not be used at the root')] : []),
    ...(node.properties !== undefined && node.additionalProperties !== undefined
      ? [forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')]
      : []),
    ...listCauses(node, path),
    ...defaultCauses(schema, path),
    ...transitionCauses(schema, position),
    ...childCauses(schema, position),
  ];
}

function typeCauses(node: SchemaNode, { path, level }: Position): readonly Cause[] {
  const needsNone = node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true;
  if (node.type === undefined) return needsNone ? [] : [requiredValue(`${path}.type`, whereTypeIsMissing[level])];
  if (level === 'root' && node.type !== 'object') return [invalidValue(`${path}.type`, node.type, 'must be object at the root')];
  if (level === 'root' && node.nullable === true) return [forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root')];
  return [];
}

function listCauses(node: SchemaNode, path: string): readonly Cause[] {
  const listType = node['x-kubernetes-list-type'];
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  if (listType === undefined)
    return keys.length === 0 ? [] : [requiredValue(`${path}.x-kubernetes-list-type`, 'must be map if x-kubernetes-list-map-keys is non-empty')];
  if (node.type !== 'array') return [invalidValue(`${path}.type`, node.type ?? '', 'must be array if x-kubernetes-list-type is specified')];
  return listType === 'map' ? mapCauses(node, keys, path) : [];
}

function mapCauses({ items }: SchemaNode, keys: readonly string[], path: string): readonly Cause[] {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) return [requiredValue(keysPath, 'must not be empty if x-kubernetes-list-type is map')];
  if (keys.some((key) => items?.properties?.[key] === undefined)) return [invalidValue(keysPath, keys, 'entries must all be names of item properties')];
  const optional = keys.filter((key) => items?.required?.includes(key) !== true && items?.properties?.[key]?.default === undefined);
  return optional.map((key) =>
    requiredValue(
      `${path}.items.properties[${key}].default`,
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ),
  );
}

/** The validator knows nothing of where the default stands: its sentences begin without a path. */
function defaultCauses(schema: CompiledNode, path: string): readonly Cause[] {
  const { default: given } = schema.node;
  const causes = given === undefined ? [] : schemaCauses(schema, given, { path: '', old: undefined });
  return causes.map((cause) => ({ ...cause, field: childPath(`${path}.default`, cause.field) }));
}

function transitionCauses({ rules }: CompiledNode, { path, uncorrelatable }: Position): readonly Cause[] {
  if (uncorrelatable === null) return [];
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
  const transitions = rules.map(({ rule, isTransition }, index) =>
    isTransition ? [invalidValue(`${path}.x-kubernetes-validations[${index}].rule`, rule.rule, detail)] : [],
  );
  return transitions.flat();
}

function childCauses({ node, properties, additionalProperties, items }: CompiledNode, { path, uncorrelatable }: Position): readonly Cause[] {
  const fields = [...properties].flatMap(([name, child]) => causesAt(child, { path: `${path}.properties[${name}]`, level: 'field', uncorrelatable }));
  const values =
    additionalProperties === undefined ? [] : causesAt(additionalProperties, { path: `${path}.additionalProperties`, level: 'field', uncorrelatable });
  const withinItems = uncorrelatable ?? (node['x-kubernetes-list-type'] === 'map' ? null : path);
  const inList = items === undefined ? [] : causesAt(items, { path: `${path}.items`, level: 'item', uncorrelatable: withinItems });
  return [...fields, ...values, ...inList];
}
