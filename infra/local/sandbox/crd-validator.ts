import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { invalidValue } from './crd-causes.ts';
import { compileSchema, type CompiledNode } from './crd-compile.ts';
import { parseDefinition, type DefinitionSpec } from './crd-definition.ts';
import { schemaNodeSchema, type SchemaNode } from './crd-node.ts';
import { ruleCauses } from './crd-rules.ts';
import { shapedObject } from './crd-shape.ts';
import { acceptedNames, definitionStatus } from './crd-status.ts';
import { structuralCauses } from './crd-structural.ts';
import { unknownFields } from './crd-unknown.ts';
import { schemaCauses } from './crd-validate.ts';
import type { Admitted, Cause, ProposedWrite, SchemaValidator, StoredObjects } from './extension.ts';
import { jsonOf, kubernetesObject, listAt, objectAt } from './object.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest } from './status-object.ts';

const definitionGroup = 'apiextensions.k8s.io';
const definitionPlural = 'customresourcedefinitions';

/** Custom resources by the schema of their definition, and the definitions themselves. A schema is compiled once. */
export function crdValidator(): SchemaValidator {
  const schemaOf = compiledSchemas();
  return {
    admit(write, objects) {
      return isDefinition(write.type) ? admitDefinition(write) : admitResource(write, schemaOf(objects, write.type));
    },
    shape: (write, objects) => shapedResource(write, isDefinition(write.type) ? undefined : schemaOf(objects, write.type)),
    typesOf(definition) {
      const parsed = parseDefinition(definition);
      return parsed.kind === 'definition' ? typesOf(parsed.spec) : [];
    },
  };
}

function isDefinition({ group, plural }: ResourceType): boolean {
  return group === definitionGroup && plural === definitionPlural;
}

/** Stored objects are frozen, and a write that leaves the schema alone keeps its very object: so it can key a cache. */
function compiledSchemas(): (objects: StoredObjects, type: ResourceType) => CompiledNode | undefined {
  const compiled = new WeakMap<object, CompiledNode>();
  return (objects, { group, version, plural }) => {
    const definition = objects.get(definitionGroup, definitionPlural, undefined, `${plural}.${group}`);
    const stored = definition === undefined ? undefined : storedSchema(definition, version);
    if (stored === undefined) return undefined;
    const known = compiled.get(stored) ?? compileSchema(schemaNodeSchema.parse(stored)).root;
    compiled.set(stored, known);
    return known;
  };
}

function storedSchema(definition: KubernetesObject, version: string): JsonObject | undefined {
  const versions = listAt(objectAt(definition, 'spec'), 'versions').filter(isJsonObject);
  const found = versions.find(({ name }) => name === version);
  return found === undefined ? undefined : objectAt(objectAt(found, 'schema'), 'openAPIV3Schema');
}

function admitResource(write: ProposedWrite, schema: CompiledNode | undefined): Admitted {
  if (schema === undefined) return { kind: 'admitted', object: write.object }; // the definition was deleted a moment ago: the store answers
  const shaped = jsonOf(shapedResource(write, schema));
  const stored = write.old === null ? null : jsonOf(write.old);
  const bySchema = schemaCauses(schema, shaped, { path: '', old: stored ?? undefined });
  const byRules = schema.hasRules && bySchema.some(hidesRules) ? [rulesNotChecked] : ruleCauses(schema, shaped, stored);
  const causes = [...bySchema, ...byRules].map(atRoot);
  return causes.length > 0 ? { kind: 'invalid', causes } : { kind: 'admitted', object: kubernetesObject(shaped) };
}

function shapedResource(
  { type, object, strict = false }: Pick<ProposedWrite, 'type' | 'object' | 'strict'>,
  schema: CompiledNode | undefined,
): KubernetesObject {
  if (schema === undefined) return object;
  if (strict) refuseUnknownFields(type, unknownFields(schema, jsonOf(object)));
  return kubernetesObject(shapedObject(schema, jsonOf(object)));
}

function refuseUnknownFields({ version, kind }: ResourceType, unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const told = unknown.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ');
  throw badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${told}`);
}

const blockingReasons = new Set(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);
const rulesNotChecked = invalidValue(
  '',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** A rule may rely on the schema: over an object that breaks it, its answer would be worth nothing. */
function hidesRules({ reason }: Cause): boolean {
  return blockingReasons.has(reason);
}

/** The API server's name for the place above all fields. */
function atRoot(cause: Cause): Cause {
  return cause.field === '' ? { ...cause, field: '<nil>' } : cause;
}

function admitDefinition({ object, old, subresource }: ProposedWrite): Admitted {
  if (subresource !== '') return { kind: 'admitted', object };
  const parsed = parseDefinition(object);
  if (parsed.kind === 'invalid') return parsed;
  const causes = parsed.spec.versions.flatMap(({ schema }) => schemaMistakes(schema.openAPIV3Schema));
  if (causes.length > 0) return { kind: 'invalid', causes };
  const spec = { ...objectAt(object, 'spec'), names: acceptedNames(parsed.spec), conversion: { strategy: 'None' } };
  return { kind: 'admitted', object: kubernetesObject({ ...jsonOf(object), spec, status: definitionStatus(parsed.spec, object, old) }) };
}

/** A definition of one version: the API server speaks of its schema as that of the whole. */
const path = 'spec.validation.openAPIV3Schema';

function schemaMistakes(schema: SchemaNode): readonly Cause[] {
  const { root, errors } = compileSchema(schema);
  return [...errors.map((error) => invalidValue(`${path}.${error.path}`, error.value, error.detail)), ...structuralCauses(root, path)];
}

function typesOf(spec: DefinitionSpec): readonly ResourceType[] {
  const { group, scope, names, versions } = spec;
  return versions
    .filter(({ served }) => served)
    .map((version) => ({
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: acceptedNames(spec).singular,
      shortNames: names.shortNames,
      categories: names.categories,
      namespaced: scope === 'Namespaced',
      subresources: version.subresources.status === undefined ? [] : ['status'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
      columns: version.additionalPrinterColumns.map(({ name, type, jsonPath, priority, format, description }) => ({
        name,
        type,
        jsonPath,
        priority,
        ...(format !== undefined && { format }),
        ...(description !== undefined && { description }),
      })),
      custom: true,
    }));
}
