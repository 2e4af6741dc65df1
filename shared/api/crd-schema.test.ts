import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { crdSchema } from './crd-schema.ts';
import { jsonObjectSchema, labelMapSchema } from './free-form.ts';
import { instantSchema } from './time.ts';

const field = (schema: z.ZodType) => Object(crdSchema(z.object({ it: schema }))['properties'])['it'];

describe('a structural schema', () => {
  it.each<[sentence: string, schema: z.ZodType, structural: object]>([
    ['a literal is an enum', z.literal('a'), { type: 'string', enum: ['a'] }],
    ['null is nullable', z.string().max(5).nullable(), { type: 'string', maxLength: 5, nullable: true }],
    ['an integer has 64 bits', z.int().min(0), { type: 'integer', minimum: 0, format: 'int64' }],
    ['an int32 has 32', z.int32(), { type: 'integer', format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }],
    ['a time has no expression', instantSchema, { type: 'string', format: 'date-time', maxLength: 35 }],
    ['free form keeps what it does not know', jsonObjectSchema, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
    ['a map bounds its entries', labelMapSchema, { type: 'object', maxProperties: 64, additionalProperties: { type: 'string', maxLength: 4096 } }],
    [
      'a port is a number or a name',
      z.union([z.int(), z.string().max(63)]).meta({ 'x-kubernetes-int-or-string': true }),
      { 'x-kubernetes-int-or-string': true },
    ],
    ['a readonly list is a list', z.array(z.boolean()).max(3).readonly(), { type: 'array', maxItems: 3, items: { type: 'boolean' } }],
  ])('%s', (_sentence, schema, structural) => {
    expect(field(schema)).toEqual(structural);
  });

  it('does not require what has a default', () => {
    const schema = z.object({
      a: z.boolean(),
      b: z.boolean().default(true),
      c: z.boolean().optional(),
      d: z.object({ e: z.boolean().default(true) }).prefault({}),
    });
    expect(crdSchema(schema)).toMatchObject({
      required: ['a'],
      properties: { b: { default: true }, d: { default: {}, properties: { e: { default: true } } } },
    });
  });

  it('lets a field have any name', () => {
    const names = ['not', 'properties', 'items', 'anyOf', 'const'];
    const schema = z.object(Object.fromEntries(names.map((name) => [name, z.boolean()])));
    expect(Object.keys(Object(crdSchema(schema)['properties']))).toEqual(names);
  });

  it.each<[sentence: string, schema: z.ZodType, message: string]>([
    ['a union', z.union([z.boolean(), z.int()]), 'openAPIV3Schema.it: anyOf is not structural'],
    ['a strict object', z.strictObject({}), 'openAPIV3Schema.it: additionalProperties: false is not structural'],
    ['a reference', z.object({ a: z.boolean() }).meta({ id: 'a' }), 'is not structural'],
    ['what has no type', z.unknown(), 'openAPIV3Schema.it: has no type'],
    ['a check without a type', z.custom<string>(), 'openAPIV3Schema.it: has no type'],
    ['a string without end', z.string(), 'openAPIV3Schema.it: has no bound'],
    ['a list without end', z.array(z.boolean()), 'openAPIV3Schema.it: has no bound'],
    ['a map without end', z.record(z.string(), z.boolean()), 'openAPIV3Schema.it: has no bound'],
    ['an item without end', z.array(z.string()).max(3), 'openAPIV3Schema.it.items: has no bound'],
    ['an entry without end', z.record(z.string(), z.string()).meta({ maxProperties: 3 }), 'openAPIV3Schema.it.additionalProperties: has no bound'],
  ])('refuses %s', (_sentence, schema, message) => {
    expect(() => field(schema)).toThrow(message);
  });
});
