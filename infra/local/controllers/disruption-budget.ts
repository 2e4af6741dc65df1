import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import { workloadConditionSchema } from './replica-set.ts';
import { metadataSchema, selectorSchema } from './stored-object.ts';

export const disruptionBudgetKind = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' } as const;

const intOrPercent = z.union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)]);

export const disruptionBudgetSchema = z.object({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata: metadataSchema,
  spec: z.object({
    /** Absent: it selects no pod. */
    selector: selectorSchema.optional(),
    minAvailable: intOrPercent.optional(),
    maxUnavailable: intOrPercent.optional(),
  }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z.looseObject({ conditions: z.array(workloadConditionSchema).optional() }).default({}),
});
export type DisruptionBudget = Immutable<z.infer<typeof disruptionBudgetSchema>>;

export interface Allowance {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly disruptionsAllowed: number;
}

/** How many pods may go now. `pods` are those that are there, `scale` as many as their controllers want; shares round up. */
export function allowanceOf(
  { spec }: Pick<DisruptionBudget, 'spec'>,
  { healthy, pods, scale }: { readonly healthy: number; readonly pods: number; readonly scale: number },
): Allowance {
  const { minAvailable, maxUnavailable } = spec;
  const expectedPods = typeof minAvailable === 'number' ? pods : scale;
  const desiredHealthy = maxUnavailable === undefined ? countOf(minAvailable ?? 1, scale) : Math.max(0, scale - countOf(maxUnavailable, scale));
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, healthy - desiredHealthy);
  return { currentHealthy: healthy, desiredHealthy, expectedPods, disruptionsAllowed };
}

function countOf(value: number | string, scale: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * scale) / 100);
}
