import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { Recommendation, TopRecommendation } from '../../shared/api/recommendation.ts';

/** What was chosen, and the recommendation that it was chosen from: steps, mode and risk are only there. */
export interface Chosen {
  readonly top: TopRecommendation;
  readonly recommendation: Recommendation;
}

export type JudgedAnalysis =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'nothing_to_do' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'valid'; readonly chosen: Chosen };

/** An analysis counts only if it completed, recommends something and chose from it. One that completed without a choice will never get one. */
export function judgeAnalysis({ metadata, status }: AIAnalysis): JudgedAnalysis {
  if (status?.phase === 'failed') return { kind: 'failed' };
  if (status?.phase !== 'completed') return { kind: 'running' };
  const { recommendations = [], topRecommendation: top } = status;
  const [best] = recommendations;
  if (best === undefined) return { kind: 'nothing_to_do' };
  if (top === undefined) return { kind: 'invalid', message: `AIAnalysis ${metadata.name} completed with recommendations and chose none of them` };
  const recommendation = recommendations.find(({ id }) => id === top.id);
  if (recommendation === undefined) return { kind: 'invalid', message: `AIAnalysis ${metadata.name} chose ${top.id}, which it does not recommend` };
  return { kind: 'valid', chosen: { top, recommendation } };
}
