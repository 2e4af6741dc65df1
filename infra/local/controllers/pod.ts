import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { millisecondsOf, type Instant } from '../../../shared/api/time.ts';
import { metadataSchema } from './stored-object.ts';

const terminatedSchema = z.looseObject({
  exitCode: z.int(),
  reason: z.string().optional(),
  message: z.string().optional(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
});
const stateSchema = z.looseObject({
  waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.looseObject({ startedAt: z.string() }).optional(),
  terminated: terminatedSchema.optional(),
});

const containerStatusSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.int().default(0),
  state: stateSchema.default({}),
  lastState: stateSchema.default({}),
});
export type ContainerStatus = Immutable<z.infer<typeof containerStatusSchema>>;

const podConditionSchema = z.looseObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});
export type PodCondition = Immutable<z.infer<typeof podConditionSchema>>;

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  resources: z
    .looseObject({ requests: z.record(z.string(), z.string()).default({}), limits: z.record(z.string(), z.string()).default({}) })
    .default({ requests: {}, limits: {} }),
});
export type Container = Immutable<z.infer<typeof containerSchema>>;

export const podSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: metadataSchema,
  spec: z.looseObject({
    nodeName: z.string().optional(),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).default('Always'),
    terminationGracePeriodSeconds: z.int().default(30),
    activeDeadlineSeconds: z.int().optional(),
    serviceAccountName: z.string().default('default'),
    schedulerName: z.string().optional(),
    containers: z.array(containerSchema).min(1),
  }),
  status: z
    .looseObject({
      phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).default('Pending'),
      startTime: z.string().optional(),
      reason: z.string().optional(),
      conditions: z.array(podConditionSchema).default([]),
      containerStatuses: z.array(containerStatusSchema).default([]),
    })
    .default({ phase: 'Pending', conditions: [], containerStatuses: [] }),
});
export type Pod = Immutable<z.infer<typeof podSchema>>;

export const podKind = { apiVersion: 'v1', kind: 'Pod' } as const;

export function isFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

/** Counts as one of its owner's: neither finished nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isReady({ status }: Pod): boolean {
  return status.conditions.some(({ type, status: holds }) => type === 'Ready' && holds === 'True');
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: Instant): boolean {
  const ready = pod.status.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  return ready.lastTransitionTime !== undefined && millisecondsOf(ready.lastTransitionTime) + minReadySeconds * 1_000 <= millisecondsOf(now);
}

export function restartsOf({ status }: Pod): number {
  return Math.max(0, ...status.containerStatuses.map(({ restartCount }) => restartCount));
}
