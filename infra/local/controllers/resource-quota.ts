import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { metadataSchema } from './stored-object.ts';

export const resourceQuotaKind = { apiVersion: 'v1', kind: 'ResourceQuota' } as const;

const quantities = z.record(z.string(), z.string());

export const resourceQuotaSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('ResourceQuota'),
  metadata: metadataSchema,
  spec: z.object({ hard: quantities.default({}), scopes: z.array(z.string()).default([]) }).default({ hard: {}, scopes: [] }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z.looseObject({ hard: quantities.optional(), used: quantities.optional() }).default({}),
});
export type ResourceQuota = Immutable<z.infer<typeof resourceQuotaSchema>>;
