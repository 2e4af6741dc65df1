import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { workloadConditionSchema } from './replica-set.ts';
import { metadataSchema, templateSchema } from './stored-object.ts';
import { holds } from './workload-condition.ts';

export const jobKind = { apiVersion: 'batch/v1', kind: 'Job' } as const;

const uids = z.array(z.string()).optional();

export const jobSchema = z.object({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: metadataSchema,
  spec: z.object({
    parallelism: z.int().default(1),
    completions: z.int().default(1),
    backoffLimit: z.int().default(6),
    activeDeadlineSeconds: z.int().optional(),
    suspend: z.boolean().default(false),
    template: templateSchema,
  }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z
    .looseObject({
      startTime: z.string().optional(),
      completionTime: z.string().optional(),
      active: z.int().optional(),
      ready: z.int().optional(),
      succeeded: z.int().optional(),
      failed: z.int().optional(),
      terminating: z.int().optional(),
      uncountedTerminatedPods: z.object({ succeeded: uids, failed: uids }).optional(),
      conditions: z.array(workloadConditionSchema).optional(),
    })
    .default({}),
});
export type Job = Immutable<z.infer<typeof jobSchema>>;

/** Holds a pod until it is counted: a pod that vanishes must not look like one that was never made. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
export const jobUidLabel = 'batch.kubernetes.io/controller-uid';
export const jobNameLabel = 'batch.kubernetes.io/job-name';

export function isEnded({ status: { conditions = [] } }: Job): boolean {
  return holds(conditions, 'Complete') || holds(conditions, 'Failed');
}
