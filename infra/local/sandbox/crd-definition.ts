import * as z from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { forbiddenField, invalidValue, notSupported, requiredValue } from './crd-causes.ts';
import { schemaNodeSchema } from './crd-node.ts';
import type { Cause } from './extension.ts';
import { isJsonPath } from './table-jsonpath.ts';

const labelPattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/; // DNS-1035, as every name of a definition
const nameSchema = z.string().max(63).regex(labelPattern, { error: 'must be a lower case name of letters, digits and dashes' });
const kindSchema = z
  .string()
  .max(63)
  .regex(/^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/, { error: 'must be a name of letters, digits and dashes' });

const columnSchema = z.object({
  name: z.string().min(1),
  type: z.enum(['boolean', 'date', 'integer', 'number', 'string']),
  jsonPath: z.string().refine(isJsonPath, { error: 'is an invalid path: the sandbox reads fields, [index], [*] and [?(@.field=="value")]' }),
  format: z.string().optional(),
  description: z.string().optional(),
  priority: z.int().min(0).default(0),
});

const versionSchema = z.object({
  name: nameSchema,
  served: z.boolean(),
  storage: z.boolean(),
  schema: z.object({ openAPIV3Schema: schemaNodeSchema }),
  subresources: z.strictObject({ status: z.object({}).optional() }).default({}),
  additionalPrinterColumns: z.array(columnSchema).default([]),
});

const definitionSpecSchema = z.object({
  group: z
    .string()
    .max(253)
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, { error: 'should be a domain with at least one dot' }),
  scope: z.enum(['Cluster', 'Namespaced']),
  names: z.object({
    plural: nameSchema,
    singular: nameSchema.optional(),
    kind: kindSchema,
    listKind: kindSchema.optional(),
    shortNames: z.array(nameSchema).default([]),
    categories: z.array(nameSchema).default([]),
  }),
  versions: z.array(versionSchema).min(1),
});
export type DefinitionSpec = z.infer<typeof definitionSpecSchema>;

export type ParsedDefinition = { readonly kind: 'definition'; readonly spec: DefinitionSpec } | { readonly kind: 'invalid'; readonly causes: readonly Cause[] };

/** Reads the spec of a CustomResourceDefinition; what is wrong with it in Kubernetes' words. */
export function parseDefinition(object: KubernetesObject): ParsedDefinition {
  const parsed = definitionSpecSchema.safeParse(object['spec']);
  if (!parsed.success) return { kind: 'invalid', causes: parsed.error.issues.flatMap((issue) => causesOf(issue, object)) };
  const causes = mistakesIn(parsed.data, object.metadata.name);
  return causes.length > 0 ? { kind: 'invalid', causes } : { kind: 'definition', spec: parsed.data };
}

function mistakesIn({ group, names, versions }: DefinitionSpec, name: string): readonly Cause[] {
  const expected = `${names.plural}.${group}`;
  const wrongName = name === expected ? [] : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
  const stored = versions.filter(({ storage }) => storage);
  if (stored.length !== 1)
    return [
      ...wrongName,
      invalidValue(
        'spec.versions',
        versions.map((version) => version.name),
        'must have exactly one version marked as storage version',
      ),
    ];
  // A second version needs conversion, which nothing here asks for.
  if (versions.length > 1) return [...wrongName, forbiddenField('spec.versions[1]', 'the sandbox holds one version of a kind')];
  return wrongName;
}

function causesOf(issue: z.core.$ZodIssue, object: KubernetesObject): readonly Cause[] {
  const path: readonly PropertyKey[] = ['spec', ...issue.path];
  const field = pathText(path);
  const value = valueAt(object, path);
  if (value === undefined) return [requiredValue(field)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => forbiddenField(`${field}.${key}`, `${key} is not supported`));
    case 'invalid_value':
      return [
        notSupported(
          field,
          value,
          issue.values.map((allowed) =>
            typeof allowed === 'string' || typeof allowed === 'number' || typeof allowed === 'boolean' ? allowed : String(allowed),
          ),
        ),
      ];
    default:
      return [invalidValue(field, value, issue.message)];
  }
}

/** `spec.validation.openAPIV3Schema.properties[spec].type`: names of properties stand in brackets, and the schema of the only version is that of all. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, segment, index) => {
    const inBrackets = typeof segment === 'number' || path[index - 1] === 'properties';
    return inBrackets ? `${before}[${String(segment)}]` : `${before}${index === 0 ? '' : '.'}${String(segment)}`;
  }, '');
  return text.replace('spec.versions[0].schema.', 'spec.validation.');
}

function valueAt(object: KubernetesObject, path: readonly PropertyKey[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((value, segment) => memberOf(value, segment), object as JsonObject);
}

function memberOf(value: JsonValue | undefined, segment: PropertyKey): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(segment)];
  return isJsonObject(value) ? value[String(segment)] : undefined;
}
