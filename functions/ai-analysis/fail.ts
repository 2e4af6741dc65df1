import type { AIAnalysis, AnalysisFailure } from '../../shared/api/ai-analysis.ts';
import { upperCamel, type ConditionUpdate } from '../../shared/api/condition.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';

export interface Failure {
  readonly reason: AnalysisFailure;
  readonly message: string;
  readonly status?: StatusPatch;
}

const conditionOfPhase: Readonly<Record<string, string>> = {
  '': 'InvestigationComplete',
  investigating: 'InvestigationComplete',
  analyzing: 'AnalysisValidated',
  recommending: 'RecommendationsGenerated',
};

export function fail(analysis: AIAnalysis, { reason, message, status }: Failure, now: Instant): Decision {
  const type = conditionOfPhase[analysis.status?.phase ?? ''];
  const conditions: readonly ConditionUpdate[] = type === undefined ? [] : [{ type, status: 'False', reason: upperCamel(reason), message }];
  const event = { type: 'Warning', reason: 'AIAnalysisFailed', message } as const;
  const step = { to: 'failed', reason, message, conditions, audit: { type: 'analysis.failed' }, event, status: { ...withdrawn(analysis), ...status } };
  return { effects: transition(analysis, step, now) };
}

/** What a failed analysis must not leave behind: drafts that nobody has judged to the end, and the advice that went with them. */
export function withdrawn({ status }: AIAnalysis): StatusPatch {
  return {
    ...(status?.recommendations !== undefined && { recommendations: [] }),
    ...(status?.investigationReport !== undefined && { investigationReport: { recommendation: 'Nothing is recommended: the analysis failed' } }),
  };
}
