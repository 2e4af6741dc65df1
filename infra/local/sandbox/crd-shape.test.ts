import { describe, expect, it } from 'vitest';
import { admitting, aDefinition, admittedObject, aWidget } from '../../../test/support/crd.ts';
import type { JsonObject } from '../../../shared/api/json.ts';

const stored = (specSchema: JsonObject, spec: JsonObject) =>
  admittedObject(admitting(aDefinition({ spec: { type: 'object', ...specSchema } }))(aWidget({ spec })))['spec'];
const nested = { type: 'object', properties: { mode: { type: 'string', default: 'sequential' } } };

describe('a custom resource as it is stored', () => {
  it.each([
    ['loses fields that no schema names', { properties: { x: { type: 'string' } } }, { x: 'a', y: 'b' }, { x: 'a' }],
    [
      'loses them in lists and maps too',
      { properties: { x: { type: 'array', items: nested }, m: { type: 'object', additionalProperties: nested } } },
      { x: [{ mode: 'a', y: 1 }], m: { k: { mode: 'a', y: 1 } } },
      { x: [{ mode: 'a' }], m: { k: { mode: 'a' } } },
    ],
    [
      'keeps them where the schema says so',
      { properties: { x: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
      { x: { y: { z: [1] } } },
      { x: { y: { z: [1] } } },
    ],
    ['gets the default of an absent field', { properties: { x: { type: 'integer', default: 3 }, y: { type: 'string' } } }, {}, { x: 3 }],
    ['keeps what was given', { properties: { x: { type: 'integer', default: 3 } } }, { x: 0 }, { x: 0 }],
    ['gets defaults inside of what is given', { properties: { x: nested } }, { x: {} }, { x: { mode: 'sequential' } }],
    ['gets no default inside of what is absent', { properties: { x: nested } }, {}, {}],
    ['gets defaults inside of a default', { properties: { x: { ...nested, default: {} } } }, {}, { x: { mode: 'sequential' } }],
    ['gets the default for null where null is no value', { properties: { x: { type: 'integer', default: 3 } } }, { x: null }, { x: 3 }],
    ['loses null where null is no value', { properties: { x: { type: 'integer' } } }, { x: null }, {}],
    ['keeps null where it is one', { properties: { x: { type: 'integer', nullable: true, default: 3 } } }, { x: null }, { x: null }],
  ])('%s', (_sentence, schema, spec, expected) => {
    expect(stored(schema, spec)).toEqual(expected);
  });

  it('keeps its metadata whole, and loses unknown fields beside its spec', () => {
    const admit = admitting(aDefinition({ spec: { type: 'object' } }));
    expect(admittedObject(admit(aWidget({ spec: {}, data: { a: 1 } }, { name: 'w', labels: { a: 'b' } })))).toEqual({
      apiVersion: 'example.kubernaut.io/v1',
      kind: 'Widget',
      metadata: { name: 'w', labels: { a: 'b' } },
      spec: {},
    });
  });
});

describe('a strict write', () => {
  const strictly = (spec: JsonObject) => {
    const properties = { steps: { type: 'array', items: nested }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    return () => admitting(aDefinition({ spec: { type: 'object', properties } }))(aWidget({ spec }), null, { strict: true });
  };

  it('names the fields that no schema knows', () => {
    const told = 'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.steps[0].mod", unknown field "spec.stepz"';
    expect(strictly({ steps: [{ mod: 'x' }], stepz: 1 })).toThrow(told);
  });

  it('lets pass what is known, or free', () => {
    expect(strictly({ steps: [{ mode: 'x' }], free: { anything: { goes: 1 } } })()).toMatchObject({ kind: 'admitted' });
  });
});
