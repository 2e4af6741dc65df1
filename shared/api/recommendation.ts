import * as z from 'zod';
import { parametersSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { textSchema } from './text.ts';

/** A share from 0 to 1; written with two decimals. */
export const shareSchema = z.number().min(0).max(1);
export const actionNameSchema = z.string().min(1).max(63);
export const stepNameSchema = z.string().min(1).max(63);

export const Degree = ['high', 'medium', 'low'] as const;
export type Degree = (typeof Degree)[number];

/** What an action's risk (low, moderate, high) reads as in a recommendation. */
export const SafetyLevel = ['safe', 'moderate', 'dangerous'] as const;
export type SafetyLevel = (typeof SafetyLevel)[number];

/** How near the history is that a success rate was taken from; `global` is no history at all. */
export const HistoricalTier = ['action', 'category', 'environment', 'global'] as const;
export type HistoricalTier = (typeof HistoricalTier)[number];

export const StrategyMode = ['sequential', 'parallel'] as const;
export type StrategyMode = (typeof StrategyMode)[number];

export const recommendedStepsMax = 20;

const recommendedStepSchema = z.object({
  name: stepNameSchema.describe('Name of the step.'),
  action: actionNameSchema.describe('Canonical name of the action.'),
  parameters: parametersSchema.default({}).describe('Parameters of the action.'),
  dependencies: z.array(stepNameSchema).max(recommendedStepsMax).default([]).describe('Steps that must have completed before.'),
  criticalStep: z.boolean().optional().describe('False where the rest is worth doing without it; absent is true.'),
});
export type RecommendedStep = Immutable<z.infer<typeof recommendedStepSchema>>;

const recommendationIdSchema = z
  .string()
  .max(16)
  .regex(/^rec-[0-9]{3}$/);

export const recommendationSchema = z.object({
  id: recommendationIdSchema.describe('Name of the recommendation, rec-001 to rec-010, in the order of the investigator.'),
  action: actionNameSchema.describe('Canonical name of the action.'),
  description: textSchema.describe('What would be done, in a sentence.'),
  confidence: shareSchema.describe('How sure the investigation is that this remedies the cause.'),
  historicalSuccessRate: shareSchema.optional().describe('Share of such actions that succeeded in the last 90 days.'),
  historicalSampleSize: z.int().min(0).optional().describe('Runs behind the success rate.'),
  historicalTier: z.enum(HistoricalTier).optional().describe('How near those runs are to this one.'),
  feasibility: z.enum(Degree).describe('How well capacity and quota allow it.'),
  impact: z.enum(Degree).describe('Expected effect on the fault.'),
  safetyLevel: z.enum(SafetyLevel).describe('Risk of the action.'),
  parameters: parametersSchema.default({}).describe('Parameters; currentReplicas is information only.'),
  reasons: z.array(textSchema).max(10).default([]).describe('Why the recommendation stands where it stands.'),
  steps: z.array(recommendedStepSchema).max(recommendedStepsMax).optional().describe('The steps, when one action does not do.'),
  mode: z.enum(StrategyMode).optional().describe('How the steps run.'),
});
export type Recommendation = Immutable<z.infer<typeof recommendationSchema>>;

export const topRecommendationSchema = z.object({
  id: recommendationIdSchema.describe('Which recommendation was chosen.'),
  action: actionNameSchema.describe('Canonical name of the action.'),
  confidence: shareSchema.describe('How sure the investigation is.'),
  parameters: parametersSchema.default({}).describe('Parameters without what is information only.'),
});
export type TopRecommendation = Immutable<z.infer<typeof topRecommendationSchema>>;
