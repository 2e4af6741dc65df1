import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Answer, Candidate } from './provider.ts';

/**
 * An answer between investigating and analyzing: the provider may not be asked twice, so what it said is kept in the status, as drafts
 * that nothing acts on: a request looks at recommendations only once the analysis is completed.
 */
export function draftStatus({ candidates, summary, rootCause, recommendation }: Answer): StatusPatch {
  return {
    recommendations: candidates.map((candidate, index) => draftOf(candidate, index)),
    investigationReport: { summary, rootCause, recommendation },
  };
}

/** The findings that speak for a draft are kept as its reasons, in this form. */
const findingPrefix = 'finding ';

function draftOf({ action, description, confidence, impact, parameters, findings, steps, mode }: Candidate, index: number): StatusPatch {
  return {
    id: recommendationId(index),
    action,
    description,
    confidence: twoDecimals(confidence),
    feasibility: 'high',
    impact,
    safetyLevel: 'dangerous', // until the catalogue has judged it
    parameters: json(parameters),
    reasons: findings.slice(0, 10).map((id) => `${findingPrefix}${id}`),
    ...(steps !== undefined && { steps: steps.map((step) => ({ ...step, parameters: json(step.parameters) })) }),
    ...(mode !== undefined && { mode }),
  };
}

export interface Draft {
  readonly recommendation: Recommendation;
  readonly findings: readonly string[];
}

export function draftsOf({ status }: AIAnalysis): readonly Draft[] {
  return (status?.recommendations ?? []).map((recommendation) => ({
    recommendation,
    findings: recommendation.reasons.filter((reason) => reason.startsWith(findingPrefix)).map((reason) => reason.slice(findingPrefix.length)),
  }));
}

export function recommendationId(index: number): string {
  return `rec-${String(index + 1).padStart(3, '0')}`;
}

export function twoDecimals(share: number): number {
  return Math.round(share * 100) / 100;
}

/** Parameters are JSON by their schema; a status patch takes JSON. */
export function json(parameters: JsonObject): StatusPatch {
  return parameters as StatusPatch;
}

/** A recommendation as a status patch takes it. */
export function written({ parameters, steps, ...recommendation }: Recommendation) {
  return {
    ...recommendation,
    parameters: json(parameters),
    ...(steps !== undefined && { steps: steps.map((step) => ({ ...step, parameters: json(step.parameters) })) }),
  };
}
