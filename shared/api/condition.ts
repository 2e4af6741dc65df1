import * as z from 'zod';
import type { Immutable } from './json.ts';
import { instantSchema, millisecondsOf, type Instant } from './time.ts';
import { boundedText, textSchema } from './text.ts';

export const ConditionStatus = ['True', 'False', 'Unknown'] as const;
export type ConditionStatus = (typeof ConditionStatus)[number];

/** As metav1.Condition, with our own bound on the message. */
export const conditionSchema = z.object({
  type: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('What is judged, in UpperCamelCase.'),
  status: z.enum(ConditionStatus).describe('Whether it holds.'),
  reason: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('Why the status is what it is, in one word of UpperCamelCase.'),
  message: textSchema.default('').describe('Why the status is what it is, in a sentence.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of the object that was judged.'),
  lastTransitionTime: instantSchema.describe('When the status last flipped.'),
});
export type Condition = Immutable<z.infer<typeof conditionSchema>>;

const conditionsMax = 16; // twice what any kind has today

export const conditionsSchema = z
  .array(conditionSchema)
  .max(conditionsMax)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

export interface ConditionUpdate {
  readonly type: string;
  readonly status: ConditionStatus;
  /** In UpperCamelCase. */
  readonly reason: string;
  readonly message?: string | undefined;
}

export interface ConditionMoment {
  readonly now: Instant;
  readonly observedGeneration?: number | undefined;
}

/** Conditions merged by type. lastTransitionTime moves only when the status flips; the very same list comes back when nothing changes. */
export function mergeConditions(current: readonly Condition[] | undefined, updates: readonly ConditionUpdate[], moment: ConditionMoment): readonly Condition[] {
  const merged = new Map((current ?? []).map((condition) => [condition.type, condition]));
  for (const update of updates) merged.set(update.type, mergeOne(merged.get(update.type), update, moment));
  const conditions = [...merged.values()];
  const unchanged = current !== undefined && conditions.length === current.length && conditions.every((condition, index) => condition === current[index]);
  return unchanged ? current : withinBound(conditions, new Set(updates.map(({ type }) => type)));
}

function mergeOne(before: Condition | undefined, update: ConditionUpdate, { now, observedGeneration }: ConditionMoment): Condition {
  const after: Condition = {
    type: update.type,
    status: update.status,
    reason: update.reason,
    message: boundedText(update.message ?? ''),
    ...(observedGeneration !== undefined && { observedGeneration }),
    lastTransitionTime: before?.status === update.status ? before.lastTransitionTime : now,
  };
  return before !== undefined && sameJudgement(before, after) ? before : after;
}

function sameJudgement(before: Condition, after: Condition): boolean {
  const fields = ['status', 'reason', 'message', 'observedGeneration'] as const;
  return fields.every((field) => before[field] === after[field]);
}

/** Past the bound the API refuses the whole status: what was not judged now goes first, the oldest before the others. */
function withinBound(conditions: readonly Condition[], judgedNow: ReadonlySet<string>): readonly Condition[] {
  if (conditions.length <= conditionsMax) return conditions;
  const byWorth = conditions.toSorted((a, b) => worth(b, judgedNow) - worth(a, judgedNow));
  const kept = new Set(byWorth.slice(0, conditionsMax));
  return conditions.filter((condition) => kept.has(condition));
}

function worth(condition: Condition, judgedNow: ReadonlySet<string>): number {
  return judgedNow.has(condition.type) ? Number.MAX_SAFE_INTEGER : millisecondsOf(condition.lastTransitionTime);
}

/** `dry_run_failed` → `DryRunFailed`: a condition carries a reason's own word. */
export function upperCamel(reason: string): string {
  return reason
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
