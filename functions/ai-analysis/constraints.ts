import { parseQuantity } from '../../shared/actions/quantity.ts';
import type { AIAnalysis, Rejected } from '../../shared/api/ai-analysis.ts';
import { readKubernetesContext, type QuotaContext } from '../../shared/api/kubernetes-context.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Degree, Recommendation } from '../../shared/api/recommendation.ts';

type Check = (recommendation: Recommendation, analysis: AIAnalysis, quotas: readonly QuotaContext[]) => Omit<Rejected, 'action'> | null;

/** What environment, permissions, limits and capacity forbid; the first reason is the one that is told. Null: nothing does. Pure. */
export function violation(recommendation: Recommendation, analysis: AIAnalysis, quotas: readonly QuotaContext[]): Rejected | null {
  const found = checks.map((check) => check(recommendation, analysis, quotas)).find((each) => each !== null);
  return found === undefined || found === null ? null : { action: recommendation.action, ...found };
}

const checks: readonly Check[] = [actionIsNotAllowed, confidenceIsTooLow, dangerousInProduction, scalesTooFar, quotaIsExhausted];

function actionIsNotAllowed({ action, steps }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const { allowedActions } = spec.constraints;
  if (allowedActions === undefined) return null;
  const named = steps === undefined ? [action] : steps.map((step) => step.action);
  const forbidden = named.find((name) => !allowedActions.includes(name));
  return forbidden === undefined ? null : { reason: 'not_allowed', message: `${forbidden} is not among the allowed actions` };
}

function confidenceIsTooLow({ confidence }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const { minConfidence } = spec.constraints;
  return confidence >= minConfidence ? null : { reason: 'low_confidence', message: `confidence ${confidence} is below ${minConfidence}` };
}

/** Unknown counts as production. */
function dangerousInProduction({ safetyLevel }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  if (safetyLevel !== 'dangerous' || (spec.environment !== 'production' && spec.environment !== 'unknown')) return null;
  return { reason: 'unsafe_in_environment', message: `dangerous actions are not recommended in ${spec.environment}` };
}

function scalesTooFar({ parameters }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const scale = scaleOf(parameters);
  if (scale === null) return null;
  const { maxReplicas, maxScaleFactor, maxScaleStep } = spec.constraints;
  // One more is always allowed: a factor and a step may round down to nothing.
  const limit = Math.min(maxReplicas, Math.max(scale.current + 1, Math.min(Math.floor(scale.current * maxScaleFactor), scale.current + maxScaleStep)));
  return scale.wanted <= limit
    ? null
    : { reason: 'exceeds_limits', message: `targetReplicas: ${scale.wanted} is more than ${limit}, the most from ${scale.current}` };
}

/** More pods than a quota of the namespace leaves room for would never be made. */
function quotaIsExhausted({ parameters }: Recommendation, _analysis: AIAnalysis, quotas: readonly QuotaContext[]): ReturnType<Check> {
  const scale = scaleOf(parameters);
  if (scale === null) return null;
  for (const { name, hard, used } of quotas) {
    const room = roomFor('pods', hard, used) ?? roomFor('count/pods', hard, used);
    if (room !== null && scale.wanted - scale.current > room) {
      return { reason: 'quota_exceeded', message: `quota ${name} has room for ${room} more pods, ${scale.wanted - scale.current} are wanted` };
    }
  }
  return null;
}

function roomFor(resource: string, hard: Readonly<Record<string, string>>, used: Readonly<Record<string, string>>): number | null {
  const limit = hard[resource];
  if (limit === undefined || parseQuantity(limit) === null) return null;
  return Number(limit) - Number(used[resource] ?? '0');
}

function scaleOf(parameters: JsonObject): { readonly current: number; readonly wanted: number } | null {
  const { currentReplicas: current, targetReplicas: wanted } = parameters;
  return typeof current === 'number' && typeof wanted === 'number' ? { current, wanted } : null;
}

/** How well what surrounds the target allows it: an autoscaler sets replicas back, a degraded look leaves doubt. */
export function feasibilityOf({ action }: Recommendation, { spec }: AIAnalysis): Degree {
  const hasAutoscaler = readKubernetesContext(spec.kubernetesContext)?.autoscaler !== undefined;
  if (action === 'scale_deployment' && hasAutoscaler) return 'low';
  return spec.contextQuality === 'degraded' ? 'medium' : 'high';
}
