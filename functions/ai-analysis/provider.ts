import type { AnalysisSpec } from '../../shared/api/ai-analysis.ts';
import type { KubernetesContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

/** What an investigator is asked: the snapshot of the spec, and what was read beside it. */
export interface Question {
  readonly spec: AnalysisSpec;
  readonly context: KubernetesContext | null;
  /** ConfigMaps that failing pods read; empty where nobody looked. */
  readonly configMaps: readonly KubernetesObject[];
}

/** An investigator behind a port. */
export interface AnalysisProvider {
  /** By this name a spec asks for it. */
  readonly name: string;
  /**
   * What it says is an answer only if answer.ts takes it. Rejects when it is in trouble (away, throttled): it is asked again later. When the signal
   * aborts nobody waits any more, and it should stop.
   */
  investigate(question: Question, signal: AbortSignal): Promise<unknown>;
}
