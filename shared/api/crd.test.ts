import { evaluate } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';
import { customResourceDefinition } from './crd.ts';
import type { StructuralSchema } from './crd-schema.ts';
import type { KindDefinition } from './definition.ts';
import { definitions, isKindName, KindName, kindOfQueue, kinds } from './kinds.ts';
import { remediationRequestDefinition } from './remediation-request.ts';

const byKind = definitions.map((definition) => [definition.kind, definition] as const);

function schemaOf(definition: KindDefinition): StructuralSchema {
  return customResourceDefinition(definition).spec.versions[0].schema.openAPIV3Schema;
}

function at(schema: StructuralSchema, ...path: readonly string[]): StructuralSchema {
  return path.reduce((node, name) => Object(Object(node['properties'])[name]), schema);
}

function nodesOf(schema: StructuralSchema, path = ''): readonly (readonly [path: string, node: StructuralSchema])[] {
  const { properties, items } = schema;
  const children = [...Object.entries(Object(properties)), ...(items === undefined ? [] : [['items', items] as const])];
  return [[path, schema], ...children.flatMap(([name, child]) => nodesOf(Object(child), `${path}.${name}`))];
}

describe.each(byKind)('the definition of %s', (kind, definition) => {
  const crd = customResourceDefinition(definition);
  const schema = schemaOf(definition);

  it('is namespaced, served and stored as v1, with a status of its own', () => {
    expect(crd.metadata.name).toBe(`${definition.plural}.${definition.group}`);
    expect(crd.spec).toMatchObject({ scope: 'Namespaced', names: { kind, plural: definition.plural, categories: ['kubernaut'] } });
    expect(crd.spec.versions).toMatchObject([{ name: 'v1', served: true, storage: true, subresources: { status: {} } }]);
  });

  it('prints columns that exist', () => {
    const paths = nodesOf(schema).map(([path]) => path);
    for (const { jsonPath } of definition.printerColumns.filter(({ type }) => type !== 'date')) expect(paths).toContain(jsonPath);
    expect(definition.printerColumns.filter(({ priority }) => priority === 1).map(({ name }) => name)).toContain('REASON');
  });

  it('describes every field', () => {
    const undescribed = nodesOf(schema)
      .filter(([path, node]) => /^\.(spec|status)/.test(path) && !path.endsWith('.items') && node['description'] === undefined)
      .map(([path]) => path);
    expect(undescribed).toEqual([]);
  });

  it('requires no field of a status at its top, so that any part can be written first', () => {
    expect(at(schema, 'status')['required']).toBeUndefined();
    expect(at(schema, 'status', 'phase')).toMatchObject({ default: '', enum: expect.arrayContaining(['', 'completed', 'failed']) });
    expect(at(schema, 'status', 'conditions')).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], maxItems: 16 });
  });

  it('keeps the spec as it was made', () => {
    const [rule] = Object(at(schema, 'spec')['x-kubernetes-validations']);
    const whole = { rule: 'self == oldSelf', message: 'spec is immutable' };
    const inPart = { rule: expect.stringContaining('self.alertName == oldSelf.alertName'), message: 'only pause and cancel may change after creation' };
    expect(rule).toEqual(kind === 'RemediationRequest' ? inPart : whole);
  });
});

describe('the rules of a request', () => {
  const schema = schemaOf(remediationRequestDefinition);
  const rules: readonly { readonly rule: string }[] = Object(at(schema, 'spec')['x-kubernetes-validations']);
  const spec = { alertName: 'a', dryRun: false, pause: false, cancel: false, alertLabels: { a: 'b' } };
  const accepted = (oldSelf: object, self: object) => rules.every(({ rule }) => evaluate(rule, { self, oldSelf }) === true);

  it('name every field but the mutable ones', () => {
    const fields = Object.keys(Object(at(schema, 'spec')['properties']));
    expect(fields.filter((field) => rules[0]?.rule.includes(`has(self.${field})`) !== true)).toEqual(['pause', 'cancel']);
  });

  it.each<[sentence: string, oldSelf: object, self: object, taken: boolean]>([
    ['nothing changes', spec, spec, true],
    ['it is paused', spec, { ...spec, pause: true }, true],
    ['it goes on', { ...spec, pause: true }, spec, true],
    ['it is cancelled', spec, { ...spec, cancel: true }, true],
    ['cancel is taken back', { ...spec, cancel: true }, spec, false],
    ['a label changes', spec, { ...spec, alertLabels: { a: 'c' } }, false],
    ['a target appears', spec, { ...spec, target: { kind: 'Pod', name: 'a' } }, false],
    ['a target goes', { ...spec, target: { kind: 'Pod', name: 'a' } }, spec, false],
  ])('%s', (_sentence, oldSelf, self, taken) => {
    expect(accepted(oldSelf, self)).toBe(taken);
  });

  it('bound its name, which becomes a label', () => {
    const [rule] = Object(schema['x-kubernetes-validations']);
    expect(evaluate(rule.rule, { self: { metadata: { name: 'a'.repeat(63) } } })).toBe(true);
    expect(evaluate(rule.rule, { self: { metadata: { name: 'a'.repeat(64) } } })).toBe(false);
  });
});

it('a timeout has its bounds in the API, too', () => {
  const [execution] = definitions.filter(({ kind }) => kind === 'KubernetesExecution').map(schemaOf);
  const [rule] = Object(at(execution ?? {}, 'spec', 'timeout')['x-kubernetes-validations']);
  const verdicts = ['9s', '10s', '5m0s', '15m', '901s'].map((self) => evaluate(rule.rule, { self }));
  expect(verdicts).toEqual([false, true, true, true, false]);
});

describe('the kinds', () => {
  it('are the five definitions, in the order of a remediation', () => {
    expect(definitions.map(({ kind }) => kind)).toEqual(KindName);
    expect(kinds.WorkflowExecution).toEqual({
      apiVersion: 'workflow.kubernaut.io/v1',
      group: 'workflow.kubernaut.io',
      plural: 'workflowexecutions',
      queue: 'workflow-executions',
    });
  });

  it('have a queue each', () => {
    expect(KindName.map((kind) => kindOfQueue(kinds[kind].queue))).toEqual(KindName);
    expect(kindOfQueue('alerts')).toBeNull();
    expect([isKindName('AIAnalysis'), isKindName('Job')]).toEqual([true, false]);
  });
});
