import { describe, expect, it } from 'vitest';
import { admitting, aDefinition, aWidget, causesOf, refusals, sentences } from '../../../test/support/crd.ts';
import type { JsonObject } from '../../../shared/api/json.ts';

const rule = (text: string, more: JsonObject = {}) => ({ 'x-kubernetes-validations': [{ rule: text, message: 'broken', ...more }] });
const fields = {
  a: { type: 'integer' },
  b: { type: 'integer' },
  at: { type: 'string', format: 'date-time' },
  cancel: { type: 'boolean' },
  parameters: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};
const spec = (text: string, more: JsonObject = {}) => ({ properties: fields, ...rule(text, more) });

describe('a rule in CEL', () => {
  it.each([
    ['holds', 'self.a < self.b', { a: 1, b: 2 }, []],
    ['is broken', 'self.a < self.b', { a: 2, b: 1 }, ['spec: Invalid value: broken']],
    ['asks for a field', 'has(self.a)', {}, ['spec: Invalid value: broken']],
    ['compares times', "self.at < timestamp('2026-01-01T00:00:00Z')", { at: '2026-01-15T10:35:20Z' }, ['spec: Invalid value: broken']],
    ['divides as integers do', 'self.a / 2 == 1', { a: 3 }, []],
    ['uses a field that is absent', 'self.a < 1', {}, ['spec: Invalid value: "object": no such key: a evaluating rule: broken']],
    [
      'looks into what is named as JavaScript’s own',
      "self.parameters['constructor'] == 1 && has(self.parameters.constructor)",
      { parameters: { constructor: 1, __proto: 2 } },
      [],
    ],
    ['compares what is named so', 'self.parameters == self.parameters', { parameters: { constructor: { prototype: { a: 1 } }, toString: 'a' } }, []],
  ])('that %s', (_sentence, text, value, expected) => {
    expect(refusals(spec(text), value)).toEqual(expected);
  });

  it('says itself when it has no message', () => {
    const schema = { properties: fields, 'x-kubernetes-validations': [{ rule: 'self.a < self.b' }] };
    expect(refusals(schema, { a: 2, b: 1 })).toEqual(['spec: Invalid value: failed rule: self.a < self.b']);
  });

  it('may compute its message', () => {
    expect(refusals(spec('self.a < 1', { messageExpression: "'a is ' + string(self.a)" }), { a: 7 })).toEqual(['spec: Invalid value: a is 7']);
  });

  it('may name another reason and field', () => {
    expect(refusals(spec('self.a < 1', { reason: 'FieldValueForbidden', fieldPath: '.a' }), { a: 7 })).toEqual(['spec.a: Forbidden: broken']);
  });

  it('shows a scalar that breaks it', () => {
    const schema = { properties: { timeout: { type: 'string', ...rule("duration(self) <= duration('15m')") } } };
    expect(refusals(schema, { timeout: '1h' })).toEqual(['spec.timeout: Invalid value: "1h": broken']);
    expect(refusals(schema, { timeout: '15m' })).toEqual([]);
    expect(refusals(schema, { timeout: 'soon' })).toEqual([
      `spec.timeout: Invalid value: "string": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: broken`,
    ]);
  });

  it('runs on each item of a list', () => {
    const schema = { properties: { steps: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } }, ...rule('self.n > 0') } } } };
    expect(refusals(schema, { steps: [{ n: 1 }, { n: 0 }] })).toEqual(['spec.steps[1]: Invalid value: broken']);
  });

  it('sees names that are no identifiers under their escaped spelling', () => {
    const schema = { properties: { namespace: { type: 'string' }, 'a-b': { type: 'string' } }, ...rule("self.__namespace__ == 'x' && self.a__dash__b == 'y'") };
    expect(refusals(schema, { namespace: 'x', 'a-b': 'y' })).toEqual([]);
  });

  it('at the root sees the name, and no other metadata', () => {
    const admit = admitting(aDefinition({ spec: { type: 'object' } }, { schema: rule('size(self.metadata.name) <= 3') }));
    expect(sentences(causesOf(admit(aWidget({ spec: {} }, { name: 'four' }))))).toEqual(['<nil>: Invalid value: broken']);
    expect(sentences(causesOf(admit(aWidget({ spec: {} }, { name: 'two' }))))).toEqual([]);
  });

  it('does not run over an object that breaks the schema', () => {
    expect(refusals({ required: ['b'], ...spec('self.a > 5') }, { a: 1 })).toEqual([
      'spec.b: Required value',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });
});

describe('a transition rule', () => {
  const immutable = { properties: fields, ...rule('self == oldSelf') };

  it('does not run on create', () => {
    expect(refusals(immutable, { a: 1 })).toEqual([]);
  });

  it('holds a whole spec, free-form objects included', () => {
    const old = { a: 1, parameters: { replicas: 5, list: [1, { b: 2 }] } };
    expect(refusals(immutable, { parameters: { list: [1, { b: 2 }], replicas: 5 }, a: 1 }, old)).toEqual([]);
    expect(refusals(immutable, { a: 1, parameters: { replicas: 6, list: [1, { b: 2 }] } }, old)).toEqual(['spec: Invalid value: broken']);
    expect(refusals(immutable, { a: 1 }, old)).toEqual(['spec: Invalid value: broken']);
  });

  it('lets fields change that are not named', () => {
    const but = spec('has(self.a) == has(oldSelf.a) && (!has(self.a) || self.a == oldSelf.a)');
    expect(refusals(but, { a: 1, b: 2 }, { a: 1 })).toEqual([]);
    expect(refusals(but, { b: 2 }, { a: 1 })).toEqual(['spec: Invalid value: broken']);
    expect(refusals(but, { a: 1 }, {})).toEqual(['spec: Invalid value: broken']);
  });

  it('may allow one direction only', () => {
    const cancelOnly = spec('!oldSelf.cancel || self.cancel');
    expect(refusals(cancelOnly, { cancel: true }, { cancel: false })).toEqual([]);
    expect(refusals(cancelOnly, { cancel: false }, { cancel: true })).toEqual(['spec: Invalid value: broken']);
  });

  it('compares the items of a keyed list by key', () => {
    const items = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, n: { type: 'integer' } }, ...rule('self.n >= oldSelf.n') };
    const schema = { properties: { steps: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items } } };
    const old = {
      steps: [
        { name: 'a', n: 5 },
        { name: 'b', n: 1 },
      ],
    };
    expect(
      refusals(
        schema,
        {
          steps: [
            { name: 'b', n: 1 },
            { name: 'a', n: 6 },
            { name: 'c', n: 0 },
          ],
        },
        old,
      ),
    ).toEqual([]);
    expect(refusals(schema, { steps: [{ name: 'b', n: 0 }] }, old)).toEqual(['spec.steps[0]: Invalid value: broken']);
  });
});
