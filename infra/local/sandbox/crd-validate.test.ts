import { describe, expect, it } from 'vitest';
import { admitting, aDefinition, aWidget, causesOf, refusals } from '../../../test/support/crd.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';

/** Of a field `x` of this schema. */
const table: readonly [string, JsonObject, JsonValue, readonly string[]][] = [
  ['a string', { type: 'string' }, 'a', []],
  ['a number where a string belongs', { type: 'string' }, 5, ['spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"']],
  [
    'a string where an integer belongs',
    { type: 'integer', format: 'int32' },
    '5',
    ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
  ],
  [
    'a fraction where an integer belongs',
    { type: 'integer', format: 'int32' },
    1.5,
    [
      'spec.x: Invalid value: "float64": spec.x in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x',
    ],
  ],
  [
    'a fraction where any integer belongs',
    { type: 'integer' },
    1.5,
    [
      'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x',
    ],
  ],
  ['an integer where a number belongs', { type: 'number' }, 3, []],
  ['a list where an object belongs', { type: 'object' }, [], ['spec.x: Invalid value: "array": spec.x in body must be of type object: "array"']],
  [
    'a boolean where a list belongs',
    { type: 'array', items: { type: 'string' } },
    true,
    ['spec.x: Invalid value: "boolean": spec.x in body must be of type array: "boolean"'],
  ],
  ['null where it may be null', { type: 'string', nullable: true }, null, []],
  [
    'null that is not among an enum’s values',
    { type: 'string', nullable: true, enum: ['a'] },
    null,
    ['spec.x: Unsupported value: null: supported values: "a"'],
  ],
  [
    'a control character, as Go prints it',
    { type: 'string', enum: ['a'] },
    '<\u0001\\u0001',
    ['spec.x: Unsupported value: "<\\x01\\\\u0001": supported values: "a"'],
  ],
  ['an enum’s value', { type: 'string', enum: ['a', 'b'] }, 'a', []],
  ['another than an enum’s values', { type: 'string', enum: ['a', 'b'] }, 'c', ['spec.x: Unsupported value: "c": supported values: "a", "b"']],
  ['another than an enum’s numbers', { type: 'integer', enum: [1, 2] }, 3, ['spec.x: Unsupported value: 3: supported values: "1", "2"']],
  ['a string that is too long, counted in characters', { type: 'string', maxLength: 2 }, 'aé𝒳', ['spec.x: Too long: may not be more than 2 bytes']],
  ['a string that is too short', { type: 'string', minLength: 1 }, '', ['spec.x: Invalid value: "": spec.x in body should be at least 1 chars long']],
  ['a string of another pattern', { type: 'string', pattern: '^[a-z]+$' }, 'A', ['spec.x: Invalid value: "A": spec.x in body should match \'^[a-z]+$\'']],
  [
    'a string that breaks two rules: the first is said',
    { type: 'string', maxLength: 1, pattern: '^[a-z]+$' },
    'AA',
    ['spec.x: Too long: may not be more than 1 byte'],
  ],
  ['a number above its maximum', { type: 'integer', maximum: 10 }, 11, ['spec.x: Invalid value: 11: spec.x in body should be less than or equal to 10']],
  [
    'a number at its exclusive maximum',
    { type: 'number', maximum: 1, exclusiveMaximum: true },
    1,
    ['spec.x: Invalid value: 1: spec.x in body should be less than 1'],
  ],
  ['a number below its minimum', { type: 'integer', minimum: 0 }, -1, ['spec.x: Invalid value: -1: spec.x in body should be greater than or equal to 0']],
  [
    'a number at its exclusive minimum',
    { type: 'integer', minimum: 0, exclusiveMinimum: true },
    0,
    ['spec.x: Invalid value: 0: spec.x in body should be greater than 0'],
  ],
  ['what is no multiple', { type: 'integer', multipleOf: 5 }, 7, ['spec.x: Invalid value: 7: spec.x in body should be a multiple of 5']],
  [
    'an integer beyond int32',
    { type: 'integer', format: 'int32' },
    2 ** 31,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x'],
  ],
  ['an integer within int64', { type: 'integer', format: 'int64' }, 2 ** 31, []],
  ['a list that is too long', { type: 'array', maxItems: 1, items: { type: 'string' } }, ['a', 'b'], ['spec.x: Too many: 2: must have at most 1 item']],
  [
    'a list that is too short',
    { type: 'array', minItems: 1, items: { type: 'string' } },
    [],
    ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items'],
  ],
  [
    'an item of a list',
    { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
    [{ name: 'a' }, {}],
    ['spec.x[1].name: Required value'],
  ],
  [
    'a map with too many members',
    { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    { a: '1', b: '2' },
    ['spec.x: Too many: 2: must have at most 1 item'],
  ],
  [
    'a member of a map',
    { type: 'object', additionalProperties: { type: 'string' } },
    { a: 1 },
    ['spec.x.a: Invalid value: "integer": spec.x.a in body must be of type string: "integer"'],
  ],
  ['a time', { type: 'string', format: 'date-time' }, '2026-01-15T10:35:20.123456Z', []],
  ['a time with an offset', { type: 'string', format: 'date-time' }, '2026-01-15T10:35:20+01:00', []],
  ['what is no time', { type: 'string', format: 'date-time' }, 'soon', ['spec.x: Invalid value: "soon": spec.x in body must be of type date-time: "soon"']],
  [
    'a day that does not exist',
    { type: 'string', format: 'date-time' },
    '2026-02-30T10:35:20Z',
    ['spec.x: Invalid value: "2026-02-30T10:35:20Z": spec.x in body must be of type date-time: "2026-02-30T10:35:20Z"'],
  ],
  ['a format that nobody knows', { type: 'string', format: 'k8s-something' }, 'anything', []],
  ['an int-or-string as an integer', { 'x-kubernetes-int-or-string': true }, 5, []],
  ['an int-or-string as a string', { 'x-kubernetes-int-or-string': true }, '50%', []],
  [
    'an int-or-string as neither',
    { 'x-kubernetes-int-or-string': true },
    true,
    ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
  ],
  [
    'a set with a repeated item',
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ['a', 'b', 'a'],
    ['spec.x[2]: Duplicate value: "a"'],
  ],
  [
    'a keyed list with a repeated key',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, n: { type: 'integer' } } },
    },
    [
      { type: 'Ready', n: 1 },
      { type: 'Ready', n: 2 },
      { type: 'Ready', n: 3 },
    ],
    ['spec.x[1]: Duplicate value: {"type":"Ready"}'],
  ],
];

describe('the schema of a custom resource', () => {
  it.each(table)('judges %s', (_sentence, schema, value, expected) => {
    expect(refusals({ properties: { x: schema } }, { x: value })).toEqual(expected);
  });

  it('wants what is required', () => {
    expect(refusals({ required: ['x', 'y'], properties: { x: { type: 'string' }, y: { type: 'string' } } }, { x: 'a' })).toEqual(['spec.y: Required value']);
  });

  it('wants a required spec', () => {
    const admit = admitting(aDefinition({ spec: { type: 'object' } }, { schema: { required: ['spec'] } }));
    expect(causesOf(admit(aWidget({})))[0]).toEqual({ field: 'spec', message: 'Required value', reason: 'FieldValueRequired' });
  });

  it('judges a status as it judges a spec', () => {
    const admit = admitting(
      aDefinition({ spec: { type: 'object' }, status: { type: 'object', properties: { phase: { type: 'string', enum: ['', 'completed'] } } } }),
    );
    const old = aWidget({ spec: {} });
    expect(causesOf(admit(aWidget({ spec: {}, status: { phase: 'done' } }), old, { subresource: 'status' })).map(({ field }) => field)).toEqual([
      'status.phase',
    ]);
    expect(causesOf(admit(aWidget({ spec: {}, status: { phase: 'completed' } }), old, { subresource: 'status' }))).toEqual([]);
  });

  it('does not hold against a writer what was stored before a schema became stricter', () => {
    const schema = { properties: { x: { type: 'string', maxLength: 1 }, y: { type: 'string' } } };
    expect(refusals(schema, { x: 'long', y: 'new' }, { x: 'long', y: 'old' })).toEqual([]);
    expect(refusals(schema, { x: 'longer' }, { x: 'long' })).toEqual(['spec.x: Too long: may not be more than 1 byte']);
  });
});
