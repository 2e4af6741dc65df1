import { crdSchema, type StructuralSchema } from './crd-schema.ts';
import type { KindDefinition, ValidationRule } from './definition.ts';

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced';
    readonly names: Readonly<Record<'kind' | 'listKind' | 'plural' | 'singular', string>> & Readonly<Record<'shortNames' | 'categories', readonly string[]>>;
    readonly versions: readonly [CustomResourceDefinitionVersion];
  };
}

export interface CustomResourceDefinitionVersion {
  readonly name: 'v1';
  readonly served: true;
  readonly storage: true;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly subresources: { readonly status: Readonly<Record<string, never>> };
  readonly additionalPrinterColumns: KindDefinition['printerColumns'];
}

/** The manifest that teaches the API a kind: structural schema, immutability as CEL, status subresource, printer columns. */
export function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  const { group, version, kind, plural, singular, shortNames, categories, printerColumns } = definition;
  const names = { kind, listKind: `${kind}List`, plural, singular, shortNames, categories };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/name': 'kubernaut' } },
    spec: {
      group,
      scope: 'Namespaced',
      names,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(definition) },
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
        },
      ],
    },
  };
}

function objectSchema({ schema, description, mutableFields, specRules, objectRules }: KindDefinition): StructuralSchema {
  const spec = crdSchema(schema.shape.spec);
  const status = crdSchema(schema.shape.status);
  const rules = [immutability(spec, mutableFields), ...specRules];
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { ...spec, 'x-kubernetes-validations': rules },
      status,
    },
    ...(objectRules.length > 0 && { 'x-kubernetes-validations': objectRules }),
  };
}

/** A rule on an optional field does not run when the field comes or goes, so one rule on the spec names every field that must stay. */
function immutability(spec: StructuralSchema, mutableFields: readonly string[]): ValidationRule {
  if (mutableFields.length === 0) return { rule: 'self == oldSelf', message: 'spec is immutable' };
  const fixed = Object.keys(Object(spec['properties'])).filter((field) => !mutableFields.includes(field));
  const rule = fixed.map((field) => `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`).join(' && ');
  return { rule, message: `only ${mutableFields.join(' and ')} may change after creation` };
}
