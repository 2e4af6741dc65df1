import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { metadataSchema, selectorSchema, templateSchema } from './stored-object.ts';

export const replicaSetKind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' } as const;

export const workloadConditionSchema = z.looseObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});

export const replicaSetSchema = z.object({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('ReplicaSet'),
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.int().default(1),
    minReadySeconds: z.int().default(0),
    selector: selectorSchema,
    template: templateSchema,
  }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z
    .looseObject({
      replicas: z.int().optional(),
      readyReplicas: z.int().optional(),
      availableReplicas: z.int().optional(),
      conditions: z.array(workloadConditionSchema).optional(),
    })
    .default({}),
});
export type ReplicaSet = Immutable<z.infer<typeof replicaSetSchema>>;
