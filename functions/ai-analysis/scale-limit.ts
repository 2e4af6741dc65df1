import type { Constraints } from '../../shared/api/ai-analysis.ts';

/** The most replicas that may be recommended where there are `current`. One more is always allowed: three times nothing is nothing. */
export function mostReplicas(current: number, { maxReplicas, maxScaleFactor, maxScaleStep }: Constraints): number {
  const grown = Math.min(Math.floor(current * maxScaleFactor), current + maxScaleStep);
  return Math.min(maxReplicas, Math.max(current + 1, grown));
}
