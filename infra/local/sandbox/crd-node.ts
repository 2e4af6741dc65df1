import * as z from 'zod';
import type { JsonValue } from '../../../shared/api/json.ts';

const count = z.int().min(0).optional();
const jsonSchema = z.json() as z.ZodType<JsonValue>;

const validationRuleSchema = z.strictObject({
  rule: z.string().min(1),
  message: z.string().optional(),
  messageExpression: z.string().optional(),
  reason: z.enum(['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate']).optional(),
  fieldPath: z.string().optional(),
});
export type ValidationRule = z.infer<typeof validationRuleSchema>;

/**
 * One node of an OpenAPI v3 schema, in the part of the grammar that generated definitions use. What is not here (oneOf, anyOf,
 * $ref, embedded resources …) is refused by name: better than to accept a rule and not to hold it.
 */
export const schemaNodeSchema = z.strictObject({
  type: z.enum(['array', 'boolean', 'integer', 'number', 'object', 'string']).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  example: jsonSchema.optional(),
  format: z.string().optional(),
  nullable: z.boolean().optional(),
  default: jsonSchema.optional(),
  enum: z.array(jsonSchema).min(1).optional(),
  pattern: z.string().optional(),
  minLength: count,
  maxLength: count,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.boolean().optional(),
  exclusiveMaximum: z.boolean().optional(),
  multipleOf: z.number().positive().optional(),
  minItems: count,
  maxItems: count,
  uniqueItems: z.literal(false).optional(),
  minProperties: count,
  maxProperties: count,
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), schemaNodeSchema).optional();
  },
  get additionalProperties() {
    return schemaNodeSchema.optional();
  },
  get items() {
    return schemaNodeSchema.optional();
  },
  'x-kubernetes-preserve-unknown-fields': z.literal(true).optional(),
  'x-kubernetes-int-or-string': z.boolean().optional(),
  'x-kubernetes-list-type': z.enum(['atomic', 'set', 'map']).optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
  'x-kubernetes-map-type': z.enum(['atomic', 'granular']).optional(),
  'x-kubernetes-validations': z.array(validationRuleSchema).optional(),
});
export type SchemaNode = z.infer<typeof schemaNodeSchema>;
