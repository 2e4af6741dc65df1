import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { nothing, type Phase } from '../../../shared/reconciler/phase.ts';
import type { Ports } from '../ports.ts';

/** The pass after the end: an analysis holds nothing and has no children. */
export const ended: Phase<AIAnalysis, null, Ports> = {
  observe: () => Promise.resolve(null),
  decide: () => nothing,
};
