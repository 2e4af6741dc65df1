import type { Environment } from '../../shared/api/cluster-context.ts';
import type { HistoricalTier } from '../../shared/api/recommendation.ts';
import type { SuccessRates } from '../../shared/audit/success-rates.ts';

export interface History {
  /** 0 to 1. */
  readonly successRate: number;
  readonly sampleSize: number;
  readonly tier: HistoricalTier;
}

const actionSamplesMin = 5;
const categorySamplesMin = 10;
const categoryFactor = 0.9; // a neighbour's history is worth a little less
const environmentRates: Readonly<Record<Environment, number>> = { production: 0.75, unknown: 0.75, staging: 0.8, development: 0.85 };
const globalRate = 0.7;

/** How such actions went, from the nearest history that is large enough. `rates` null: the database is away. Pure. */
export function historyOf(
  { action, category }: { readonly action: string; readonly category: string },
  rates: SuccessRates | null,
  environment: Environment,
): History {
  if (rates === null) return { successRate: globalRate, sampleSize: 0, tier: 'global' };
  const ofAction = rates.actions[action];
  if (ofAction !== undefined && ofAction.samples >= actionSamplesMin)
    return { successRate: ofAction.successes / ofAction.samples, sampleSize: ofAction.samples, tier: 'action' };
  const ofCategory = rates.categories[category];
  if (ofCategory !== undefined && ofCategory.samples >= categorySamplesMin) {
    return { successRate: (ofCategory.successes / ofCategory.samples) * categoryFactor, sampleSize: ofCategory.samples, tier: 'category' };
  }
  return { successRate: environmentRates[environment], sampleSize: ofAction?.samples ?? 0, tier: 'environment' };
}
