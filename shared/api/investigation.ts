import * as z from 'zod';
import { severitySchema } from './alert.ts';
import type { Immutable } from './json.ts';
import { labelSchema } from './names.ts';
import { objectRefSchema } from './object-ref.ts';
import { shareSchema } from './recommendation.ts';
import { textSchema } from './text.ts';
import { durationSchema, instantSchema } from './time.ts';

export const reportBytesMax = 10_240;

const evidenceSchema = z.object({
  ref: objectRefSchema.describe('The object that shows it.'),
  field: z.string().max(253).describe('Path of the field in that object that shows it.'),
  text: z.string().max(512).describe('What the field said.'),
});
export type Evidence = Immutable<z.infer<typeof evidenceSchema>>;

const findingSchema = z.object({
  id: z.string().min(1).max(63).describe('Name of the finding within the investigation.'),
  detector: z.string().min(1).max(63).describe('What found it.'),
  severity: severitySchema.describe('How bad it is.'),
  confidence: shareSchema.describe('How sure the detector is.'),
  summary: textSchema.describe('The finding in a sentence.'),
  evidence: z.array(evidenceSchema).max(10).default([]).describe('What supports it.'),
});
export type Finding = Immutable<z.infer<typeof findingSchema>>;

export const investigationSchema = z.object({
  findings: z.array(findingSchema).max(50).optional().describe('What was found, with evidence.'),
  provider: labelSchema.optional().describe('Who answered.'),
  model: z.string().max(128).optional().describe('Which model answered.'),
  tokens: z.int().min(0).optional().describe('Tokens that the answer cost.'),
  duration: durationSchema.optional().describe('How long the investigation took.'),
  providerAttempts: z.int().min(0).optional().describe('How often the provider was asked.'),
  nextAttemptTime: instantSchema.optional().describe('Before this the provider is not asked again.'),
  fallbackReason: textSchema.optional().describe('Why the embedded rules answered instead.'),
});
export type Investigation = Immutable<z.infer<typeof investigationSchema>>;

export const investigationReportSchema = z.object({
  summary: textSchema.describe('What happened.'),
  rootCause: textSchema.describe('Why it happened.'),
  recommendation: textSchema.describe('What to do about it.'),
  alternatives: z.array(textSchema).max(5).default([]).describe('What else would do.'),
  notChecked: z.array(textSchema).max(10).default([]).describe('What nobody looked at.'),
});
export type InvestigationReport = Immutable<z.infer<typeof investigationReportSchema>>;
