import type { Degree, Recommendation, SafetyLevel } from '../../shared/api/recommendation.ts';

const feasibilityFactors: Readonly<Record<Degree, number>> = { high: 1, medium: 0.8, low: 0.5 };
const impactFactors: Readonly<Record<Degree, number>> = { high: 1, medium: 0.95, low: 0.9 };
const safetyOrder: readonly SafetyLevel[] = ['safe', 'moderate', 'dangerous'];

/**
 * Ranking value, 0 to 1: confidence and success rate, weighted by how much that rate is worth (0.4 from five runs of the very action,
 * else 0.25), times what feasibility and impact leave of it (api.md §4).
 */
export function rankOf({ confidence, historicalSuccessRate = 0, historicalTier, feasibility, impact }: Recommendation): number {
  const weight = historicalTier === 'action' ? 0.4 : 0.25;
  const score = (1 - weight) * confidence + weight * historicalSuccessRate;
  return score * feasibilityFactors[feasibility] * impactFactors[impact];
}

/** Best first; ties by safety, then by id, so that the order never depends on chance. */
export function inOrder(recommendations: readonly Recommendation[]): readonly Recommendation[] {
  return recommendations.toSorted(
    (a, b) => rankOf(b) - rankOf(a) || safetyOrder.indexOf(a.safetyLevel) - safetyOrder.indexOf(b.safetyLevel) || (a.id < b.id ? -1 : 1),
  );
}
