import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesContext } from '../../shared/api/kubernetes-context.ts';
import type { Finding } from '../../shared/api/investigation.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Degree, RecommendedStep, StrategyMode } from '../../shared/api/recommendation.ts';
import type { AnalysisSpec } from '../../shared/api/ai-analysis.ts';

/** What an investigator is asked: the snapshot of the spec, and what was read beside it. */
export interface Question {
  readonly spec: AnalysisSpec;
  readonly context: KubernetesContext | null;
  /** ConfigMaps that failing pods read; empty where nobody looked. */
  readonly configMaps: readonly KubernetesObject[];
}

/** Something that might be done. Nothing in it is believed: action, parameters and target pass the same gates whoever names them. */
export interface Candidate {
  readonly action: string;
  readonly description: string;
  readonly confidence: number;
  readonly impact: Degree;
  readonly parameters: JsonObject;
  /** Ids of the findings that speak for it; a claim without any is rejected. */
  readonly findings: readonly string[];
  readonly steps?: readonly RecommendedStep[];
  readonly mode?: StrategyMode;
}

export interface Answer {
  readonly model: string;
  readonly tokens: number;
  readonly findings: readonly Finding[];
  readonly summary: string;
  readonly rootCause: string;
  /** What to do about it in one sentence, if the first candidate is taken. */
  readonly recommendation: string;
  readonly candidates: readonly Candidate[];
}

/** An investigator behind a port. Throws when it is in trouble (away, throttled, an answer that is no answer): it is asked again later. */
export interface AnalysisProvider {
  readonly name: string;
  investigate(question: Question): Promise<Answer>;
}
