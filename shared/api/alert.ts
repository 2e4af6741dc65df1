import * as z from 'zod';
import { labelMapSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { instantSchema } from './time.ts';

export const Severity = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof Severity)[number];
export const severitySchema = z.enum(Severity);

export const fingerprintSchema = z.string().min(1).max(128);
export const alertNameSchema = z.string().min(1).max(253);

/** The alert as every later stage sees it: copied by value from the request. */
export const alertSchema = z.object({
  name: alertNameSchema.describe('Label alertname of the alert.'),
  fingerprint: fingerprintSchema.describe('Fingerprint of the alert.'),
  severity: severitySchema.describe('Severity after mapping.'),
  labels: labelMapSchema.default({}).describe('Labels of the alert.'),
  annotations: labelMapSchema.default({}).describe('Annotations of the alert.'),
  firingTime: instantSchema.describe('Since when the alert fires.'),
});
export type Alert = Immutable<z.infer<typeof alertSchema>>;
