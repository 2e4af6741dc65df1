import type { AnalysisProvider } from '../../../functions/ai-analysis/provider.ts';
import type { JsonObject } from '../../../shared/api/json.ts';

/** Gives a recorded answer to whatever it is asked: stories only, and its name says so wherever it is printed. */
export function scriptedProvider(answer: JsonObject): AnalysisProvider {
  return { name: 'scripted', investigate: () => Promise.resolve(answer) };
}
