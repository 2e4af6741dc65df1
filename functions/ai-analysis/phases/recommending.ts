import { parseAction, fromRecommendation } from '../../../shared/actions/index.ts';
import { rejectedMax, type AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import type { InvestigationReport } from '../../../shared/api/investigation.ts';
import type { QuotaContext } from '../../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Recommendation } from '../../../shared/api/recommendation.ts';
import { addSeconds, type Instant } from '../../../shared/api/time.ts';
import type { SuccessRates } from '../../../shared/audit/success-rates.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { Decision, Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { feasibilityOf, violation } from '../constraints.ts';
import { json, twoDecimals, written } from '../draft.ts';
import { historyOf } from '../history.ts';
import type { Ports } from '../ports.ts';
import { inOrder, rankOf } from '../rank.ts';
import { reportOf } from '../report.ts';

/** `rates` null: the database is away. `quotas` null: they may not be read. */
export interface Observed {
  readonly rates: SuccessRates | null;
  readonly quotas: readonly QuotaContext[] | null;
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
    const scored = recommendations.map((recommendation) => withHistory(recommendation, analysis, rates));
    const judged = scored.map((recommendation) => ({ recommendation, dropped: violation(recommendation, analysis, quotas ?? []) }));
    const dropped = judged.flatMap((each) => (each.dropped === null ? [] : [each.dropped]));
    const ranked = inOrder(judged.filter((each) => each.dropped === null).map((each) => each.recommendation));
    const notChecked = quotas === null ? ['resource quotas of the namespace could not be read'] : [];
    return complete(
      analysis,
      { ranked: ranked.map(explained), rejected: [...rejected, ...dropped].slice(0, rejectedMax), report: reportOf(analysis, ranked, notChecked) },
      now,
    );
  },

  deadline: ({ status }) => (status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, deadlineSeconds)),
};

async function readQuotas({ spec }: AIAnalysis, { cluster }: Ports): Promise<readonly QuotaContext[] | null> {
  const { namespace } = spec.target;
  if (namespace === undefined) return [];
  try {
    return (await cluster.list(quotaKind, { namespace, limit: quotasMax })).map(quotaOf);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}

function quotaOf({ metadata, ...quota }: KubernetesObject): QuotaContext {
  const { hard = {}, used = {} } = (quota['status'] ?? {}) as {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
  return { name: metadata.name, hard, used };
}

function categoryOf({ action, parameters }: Recommendation): string {
  const parsed = parseAction(action, fromRecommendation(action, parameters));
  return parsed.kind === 'known' ? parsed.action.category : '';
}

function withHistory(recommendation: Recommendation, analysis: AIAnalysis, rates: SuccessRates | null): Recommendation {
  const { successRate, sampleSize, tier } = historyOf(
    { action: recommendation.action, category: categoryOf(recommendation) },
    rates,
    analysis.spec.environment,
  );
  const feasibility = feasibilityOf(recommendation, analysis);
  return { ...recommendation, feasibility, historicalSuccessRate: twoDecimals(successRate), historicalSampleSize: sampleSize, historicalTier: tier };
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
  readonly rejected: readonly { readonly action: string; readonly reason: string; readonly message: string }[];
  readonly report: InvestigationReport;
}

function complete(analysis: AIAnalysis, { ranked, rejected, report }: Conclusion, now: Instant): Decision {
  const [top] = ranked;
  const message = top === undefined ? 'Nothing to recommend' : `Recommends ${top.action}: ${top.description}`;
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
        conditions: [{ type: 'RecommendationsGenerated', status: 'True', reason: 'Completed', message: `${ranked.length} recommendations` }],
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

const informationOnly = ['currentReplicas'];

function topOf({ id, action, confidence, parameters }: Recommendation) {
  return { id, action, confidence, parameters: json(Object.fromEntries(Object.entries(parameters).filter(([key]) => !informationOnly.includes(key)))) };
}
