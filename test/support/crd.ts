import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Admitted, Cause, ProposedWrite, StoredObjects } from '../../infra/local/sandbox/extension.ts';
import { builtInTypes } from '../../infra/local/sandbox/built-in-types.ts';
import { crdValidator } from '../../infra/local/sandbox/crd-validator.ts';
import { kubernetesObject } from '../../infra/local/sandbox/object.ts';
import type { ResourceType } from '../../infra/local/sandbox/resource-types.ts';

/** Widget of example.kubernaut.io, namespaced, with a status subresource, of this schema for spec and status. */
export function aDefinition(
  properties: JsonObject,
  overrides: { readonly schema?: JsonObject; readonly version?: JsonObject; readonly spec?: JsonObject; readonly name?: string } = {},
): KubernetesObject {
  const openAPIV3Schema = { type: 'object', properties, ...overrides.schema };
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} }, ...overrides.version };
  return kubernetesObject({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: overrides.name ?? 'widgets.example.kubernaut.io', creationTimestamp: '2026-01-15T10:35:20Z' },
    spec: {
      group: 'example.kubernaut.io',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      versions: [version],
      ...overrides.spec,
    },
  });
}

export function aWidget(fields: JsonObject, metadata: JsonObject = { name: 'w' }): KubernetesObject {
  return kubernetesObject({ apiVersion: 'example.kubernaut.io/v1', kind: 'Widget', metadata, ...fields });
}

/** A validator that knows this definition, as it was admitted. */
export function admitting(definition: KubernetesObject) {
  const validator = crdValidator();
  const stored = admittedObject(validator.admit({ type: definitionType, object: definition, old: null, subresource: '' }, noObjects));
  const objects: StoredObjects = {
    ...noObjects,
    get: (_group, plural, _namespace, name) => (plural === 'customresourcedefinitions' && name === stored.metadata.name ? stored : undefined),
  };
  const [type] = validator.typesOf(stored);
  if (type === undefined) throw new Error('the definition serves no version');
  return (object: KubernetesObject, old: KubernetesObject | null = null, more: Partial<Pick<ProposedWrite, 'subresource' | 'strict'>> = {}): Admitted =>
    validator.admit({ type, object, old, subresource: '', ...more }, objects);
}

/** What a write of this spec is refused for, each as `field: message`; [] when it is taken. */
export function refusals(specSchema: JsonObject, spec: JsonObject | undefined, oldSpec?: JsonObject): readonly string[] {
  const admit = admitting(aDefinition({ spec: { type: 'object', ...specSchema } }));
  const old = oldSpec === undefined ? null : aWidget({ spec: oldSpec });
  return sentences(causesOf(admit(aWidget(spec === undefined ? {} : { spec }), old)));
}

export function admitDefinition(definition: KubernetesObject): Admitted {
  return crdValidator().admit({ type: definitionType, object: definition, old: null, subresource: '' }, noObjects);
}

export function admittedObject(answer: Admitted): KubernetesObject {
  if (answer.kind === 'invalid') throw new Error(sentences(answer.causes).join('\n'));
  return answer.object;
}

export function causesOf(answer: Admitted): readonly Cause[] {
  return answer.kind === 'invalid' ? answer.causes : [];
}

export function sentences(causes: readonly Cause[]): readonly string[] {
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

const noObjects: StoredObjects = { get: () => undefined, list: () => [] };
const definitionType = typeOfDefinitions();

function typeOfDefinitions(): ResourceType {
  const found = builtInTypes.find(({ kind }) => kind === 'CustomResourceDefinition');
  if (found === undefined) throw new Error('no built-in type CustomResourceDefinition');
  return found;
}
