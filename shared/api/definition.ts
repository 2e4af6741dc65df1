import type * as z from 'zod';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** 1: only with -o wide. */
  readonly priority?: 1;
}

export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** Everything that a CustomResourceDefinition says about one kind, but for what all kinds share. */
export interface KindDefinition {
  readonly group: string;
  readonly version: 'v1';
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly printerColumns: readonly PrinterColumn[];
  readonly description: string;
  /** Fields of the spec that may change after creation; all others are immutable. */
  readonly mutableFields: readonly string[];
  /** Further rules on the spec and on the object as a whole. */
  readonly specRules: readonly ValidationRule[];
  readonly objectRules: readonly ValidationRule[];
  /** Of `spec` and `status`. */
  readonly schema: z.ZodObject<{ readonly spec: z.ZodType; readonly status: z.ZodType }>;
}

export const reasonColumn: PrinterColumn = { name: 'REASON', type: 'string', jsonPath: '.status.reason', priority: 1 };
export const phaseColumn: PrinterColumn = { name: 'PHASE', type: 'string', jsonPath: '.status.phase' };
export const ageColumn: PrinterColumn = { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp' };
