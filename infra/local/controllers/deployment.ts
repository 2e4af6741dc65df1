import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { metadataSchema, selectorSchema, templateSchema } from './stored-object.ts';
import { workloadConditionSchema } from './replica-set.ts';

export const deploymentKind = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

const intOrPercent = z.union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)]);

export const deploymentSchema = z.object({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.int().default(1),
    paused: z.boolean().default(false),
    minReadySeconds: z.int().default(0),
    progressDeadlineSeconds: z.int().default(600),
    revisionHistoryLimit: z.int().default(10),
    selector: selectorSchema,
    template: templateSchema,
    strategy: z
      .object({
        type: z.enum(['RollingUpdate', 'Recreate']).default('RollingUpdate'),
        rollingUpdate: z
          .object({ maxSurge: intOrPercent.default('25%'), maxUnavailable: intOrPercent.default('25%') })
          .default({ maxSurge: '25%', maxUnavailable: '25%' }),
      })
      .default({ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }),
  }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z
    .looseObject({
      observedGeneration: z.int().optional(),
      updatedReplicas: z.int().optional(),
      readyReplicas: z.int().optional(),
      availableReplicas: z.int().optional(),
      conditions: z.array(workloadConditionSchema).optional(),
    })
    .default({}),
});
export type Deployment = Immutable<z.infer<typeof deploymentSchema>>;

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';
export const templateHashLabel = 'pod-template-hash';

/** How far a rollout may go above and below the wanted number. */
export interface Leeway {
  readonly surge: number;
  readonly unavailable: number;
}

/** Percentages of surge round up, of unavailability down; if both come to nothing, one pod may be unavailable, else nothing could ever move. */
export function leewayOf({ spec: { replicas, strategy } }: Deployment): Leeway {
  if (strategy.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const surge = countOf(strategy.rollingUpdate.maxSurge, replicas, Math.ceil);
  const unavailable = countOf(strategy.rollingUpdate.maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) };
}

function countOf(value: number | string, replicas: number, round: (count: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * replicas) / 100);
}
