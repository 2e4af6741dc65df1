import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Answer, Candidate } from './answer.ts';

/**
 * An answer between investigating and analyzing: the provider may not be asked twice, so what it said is kept in the status, as drafts
 * that nothing acts on: a request looks at recommendations only once the analysis is completed. What fails takes its drafts with it.
 */
export function draftStatus({ candidates, summary, rootCause, recommendation }: Answer): StatusPatch {
  return {
    recommendations: candidates.map((candidate, index) => draftOf(candidate, index)),
    investigationReport: { summary, rootCause, recommendation },
  };
}

/** The findings that speak for a draft are kept as its reasons, in this form. */
const findingPrefix = 'finding ';
const findingsMax = 10; // as many as a recommendation has reasons

function draftOf({ action, description, confidence, impact, parameters, findings, steps, mode }: Candidate, index: number): StatusPatch {
  return written({
    id: recommendationId(index),
    action,
    description,
    confidence: twoDecimals(confidence),
    feasibility: 'high',
    impact,
    safetyLevel: 'dangerous', // until the catalogue has judged it
    parameters,
    reasons: findings.slice(0, findingsMax).map((id) => `${findingPrefix}${id}`),
    ...(steps !== undefined && { steps }),
    ...(mode !== undefined && { mode }),
  });
}

export interface Draft {
  readonly recommendation: Recommendation;
  readonly findings: readonly string[];
}

export function draftsOf({ status }: Pick<AIAnalysis, 'status'>): readonly Draft[] {
  return (status?.recommendations ?? []).map((recommendation) => ({
    recommendation,
    findings: recommendation.reasons.filter((reason) => reason.startsWith(findingPrefix)).map((reason) => reason.slice(findingPrefix.length)),
  }));
}

/** `rec-001` is the investigator's own first choice, wherever it is ranked in the end. */
export function recommendationId(index: number): string {
  return `rec-${String(index + 1).padStart(3, '0')}`;
}

export function twoDecimals(share: number): number {
  return Math.round(share * 100) / 100;
}

/** A recommendation as a status patch takes it. */
export function written({ parameters, steps, ...recommendation }: Recommendation): StatusPatch {
  return {
    ...recommendation,
    parameters,
    ...(steps !== undefined && { steps: steps.map((step) => ({ ...step, parameters: step.parameters })) }),
  };
}
