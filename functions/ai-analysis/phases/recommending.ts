import { rejectedMax, type AIAnalysis, type Rejected } from '../../../shared/api/ai-analysis.ts';
import type { InvestigationReport } from '../../../shared/api/investigation.ts';
import type { QuotaContext } from '../../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Recommendation } from '../../../shared/api/recommendation.ts';
import { boundedText, counted } from '../../../shared/api/text.ts';
import { addSeconds, type Instant } from '../../../shared/api/time.ts';
import type { SuccessRates } from '../../../shared/audit/success-rates.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import { listAt, stringsAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Decision, Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { categoryOf } from '../calls.ts';
import { feasibilityOf, violation, type Capacity } from '../constraints.ts';
import { twoDecimals, written } from '../draft.ts';
import { historyOf } from '../history.ts';
import type { Ports } from '../ports.ts';
import { inOrder, rankOf } from '../rank.ts';
import { reportOf } from '../report.ts';

/** `rates` null: the database is away. */
export interface Observed extends Capacity {
  readonly rates: SuccessRates | null;
}

const deadlineSeconds = 60;
const quotasMax = 20;
const quotaKind = { apiVersion: 'v1', kind: 'ResourceQuota' } as const;

/** History, then constraints, then rank: the last word of the analysis. */
export const recommending: Phase<AIAnalysis, Observed, Ports> = {
  async observe(analysis, ports, now) {
    const { recommendations = [] } = analysis.status ?? {};
    if (recommendations.length === 0) return { rates: null, quotas: [] };
    const actions = recommendations.map(({ action }) => action);
    const categories = recommendations.map(categoryOf);
    const [rates, quotas] = await Promise.all([ports.readRates({ actions, categories, now }).catch(() => null), readQuotas(analysis, ports)]);
    return { rates, quotas };
  },

  decide(analysis, { rates, quotas }, now) {
    const { recommendations = [], rejected = [] } = analysis.status ?? {};
    const scored = recommendations.map((recommendation) => scoredBy(recommendation, analysis, { rates, quotas }));
    const judged = scored.map((recommendation) => ({ recommendation, dropped: violation(recommendation, analysis, { quotas }) }));
    const dropped = judged.flatMap((each) => (each.dropped === null ? [] : [bounded(each.dropped)]));
    const ranked = inOrder(judged.filter((each) => each.dropped === null).map((each) => each.recommendation)).map(explained);
    const notChecked = quotas === null ? ['quotas of the namespace: they may not be read'] : [];
    const report = reportOf(analysis, ranked, notChecked);
    return complete(analysis, { ranked, rejected: [...rejected, ...dropped].slice(0, rejectedMax), report }, now);
  },

  deadline: ({ status }) => (status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, deadlineSeconds)),
};

async function readQuotas({ spec }: AIAnalysis, { cluster }: Ports): Promise<readonly QuotaContext[] | null> {
  const { namespace } = spec.target;
  if (namespace === undefined) return [];
  try {
    return (await cluster.list(quotaKind, { namespace, limit: quotasMax })).filter(meansEveryPod).map(quotaOf);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}

/** A quota for some of the pods only (by priority or deadline) is passed over: it may not mean these. */
function meansEveryPod(quota: KubernetesObject): boolean {
  return listAt(quota, 'spec', 'scopes').length === 0 && valueAt(quota, 'spec', 'scopeSelector') === undefined;
}

function quotaOf(quota: KubernetesObject): QuotaContext {
  return { name: quota.metadata.name, hard: stringsAt(quota, 'status', 'hard'), used: stringsAt(quota, 'status', 'used') };
}

function scoredBy(recommendation: Recommendation, analysis: AIAnalysis, { rates, quotas }: Observed): Recommendation {
  const known = { action: recommendation.action, category: categoryOf(recommendation) };
  const { successRate, sampleSize, tier } = historyOf(known, rates, analysis.spec.environment);
  const feasibility = feasibilityOf(recommendation, analysis, { quotas });
  return { ...recommendation, feasibility, historicalSuccessRate: twoDecimals(successRate), historicalSampleSize: sampleSize, historicalTier: tier };
}

function bounded({ action, reason, message }: Rejected): Rejected {
  return { action, reason, message: boundedText(message) };
}

/** Why it stands where it stands, for whoever reads the status. */
function explained(recommendation: Recommendation): Recommendation {
  const { reasons, historicalTier, historicalSuccessRate = 0, historicalSampleSize = 0, feasibility, impact } = recommendation;
  const history =
    historicalTier === 'global'
      ? `the history could not be read: ${historicalSuccessRate} is assumed`
      : `success rate ${historicalSuccessRate} by ${historicalTier ?? 'global'}, ${historicalSampleSize} runs in 90 days`;
  return {
    ...recommendation,
    reasons: [...reasons, history, `feasibility ${feasibility}, impact ${impact}, rank ${rankOf(recommendation).toFixed(3)}`].slice(-10),
  };
}

interface Conclusion {
  readonly ranked: readonly Recommendation[];
  readonly rejected: readonly Rejected[];
  readonly report: InvestigationReport;
}

function complete(analysis: AIAnalysis, { ranked, rejected, report }: Conclusion, now: Instant): Decision {
  const [top] = ranked;
  const message = boundedText(top === undefined ? nothingBecause(rejected) : `Recommends ${top.action}: ${top.description}`);
  return {
    effects: transition(
      analysis,
      {
        to: 'completed',
        ...(top === undefined && { reason: 'no_action_needed', message, succeededReason: 'NoActionNeeded' }),
        status: {
          recommendations: ranked.map(written),
          rejected: rejected.map((each) => ({ ...each })),
          ...(top !== undefined && { topRecommendation: topOf(top) }),
          investigationReport: { ...report },
        },
        conditions: [{ type: 'RecommendationsGenerated', status: 'True', reason: 'Completed', message: counted(ranked.length, 'recommendation') }],
        audit: {
          type: 'analysis.completed',
          message,
          payload: { recommendations: ranked.map(({ id, action }) => `${id} ${action}`), rejected: rejected.length },
        },
        event: { type: 'Normal', reason: 'AIAnalysisCompleted', message },
      },
      now,
    ),
  };
}

/** Nothing was found, or something was and may not be done: then what stood against the last of it, which the constraints judged. */
function nothingBecause(rejected: readonly Rejected[]): string {
  const last = rejected.at(-1);
  return last === undefined ? 'Nothing to recommend' : `Nothing to recommend: ${last.action} was dropped, ${last.message}`;
}

const informationOnly = ['currentReplicas'];

function topOf({ id, action, confidence, parameters }: Recommendation) {
  return { id, action, confidence, parameters: Object.fromEntries(Object.entries(parameters).filter(([key]) => !informationOnly.includes(key))) };
}
