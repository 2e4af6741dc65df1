import type { AIAnalysis, Rejected } from '../../shared/api/ai-analysis.ts';
import { readKubernetesContext, type QuotaContext } from '../../shared/api/kubernetes-context.ts';
import type { Degree, Recommendation } from '../../shared/api/recommendation.ts';
import { knownCallsOf, scalingOf, type KnownCall } from './calls.ts';
import { quotaFault } from './quota.ts';
import { mostReplicas } from './scale-limit.ts';

/** `quotas` null: they could not be read. */
export interface Capacity {
  readonly quotas: readonly QuotaContext[] | null;
}

type Check = (recommendation: Recommendation, analysis: AIAnalysis, capacity: Capacity) => Omit<Rejected, 'action'> | null;

/** What environment, permissions, limits and capacity forbid; the first reason is the one that is told. Null: nothing does. Pure. */
export function violation(recommendation: Recommendation, analysis: AIAnalysis, capacity: Capacity): Rejected | null {
  const found = checks.map((check) => check(recommendation, analysis, capacity)).find((each) => each !== null);
  return found === undefined || found === null ? null : { action: recommendation.action, ...found };
}

const checks: readonly Check[] = [
  actionIsNotAllowed,
  confidenceIsTooLow,
  dangerousInProduction,
  leavesItsEnvironment,
  autoscalerWouldTakeItBack,
  scalesTooFar,
  quotaIsExhausted,
];

function actionIsNotAllowed(recommendation: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const { allowedActions } = spec.constraints;
  if (allowedActions === undefined) return null;
  const forbidden = knownCallsOf(recommendation).find(({ action }) => !allowedActions.includes(action.name));
  return forbidden === undefined
    ? null
    : { reason: 'not_allowed', message: `${forbidden.place}action: ${forbidden.action.name} is not among the allowed actions` };
}

function confidenceIsTooLow({ confidence }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const { minConfidence } = spec.constraints;
  return confidence >= minConfidence ? null : { reason: 'low_confidence', message: `confidence: ${confidence} is below ${minConfidence}` };
}

function dangerousInProduction({ safetyLevel }: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  if (safetyLevel !== 'dangerous' || !countsAsProduction(spec)) return null;
  return { reason: 'unsafe_in_environment', message: `dangerous actions are not recommended in ${spec.environment}` };
}

/** The environment is that of the alert's own namespace. What acts elsewhere might act in production without the gates of production. */
function leavesItsEnvironment(recommendation: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  if (countsAsProduction(spec)) return null;
  const call = knownCallsOf(recommendation).find(({ action }) => action.target.namespace !== spec.target.namespace);
  if (call === undefined) return null;
  const { namespace = 'the whole cluster' } = call.action.target;
  return {
    reason: 'outside_environment',
    message: `${call.place}parameters.namespace: must be ${spec.target.namespace ?? 'left out'}: the environment of ${namespace} is not known to be ${spec.environment}`,
  };
}

/** Unknown counts as production. */
function countsAsProduction({ environment }: AIAnalysis['spec']): boolean {
  return environment === 'production' || environment === 'unknown';
}

/** The catalogue refuses it right before it would act; whoever reads the analysis should know sooner. Only the target's own autoscaler is in the snapshot. */
function autoscalerWouldTakeItBack(recommendation: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  const autoscaler = readKubernetesContext(spec.kubernetesContext)?.autoscaler;
  const { kind, name, namespace } = spec.target;
  const isOfTarget = ({ action: { target } }: KnownCall) => target.kind === kind && target.name === name && target.namespace === namespace;
  const call = knownCallsOf(recommendation).find((each) => scalingOf(each) !== null && isOfTarget(each));
  if (autoscaler === undefined || call === undefined) return null;
  const { minReplicas, maxReplicas } = autoscaler;
  return {
    reason: 'autoscaled',
    message: `${call.place}parameters.replicas: HorizontalPodAutoscaler ${autoscaler.name} sets them (${minReplicas} to ${maxReplicas}) and would take ${name} back: change its bounds instead`,
  };
}

function scalesTooFar(recommendation: Recommendation, { spec }: AIAnalysis): ReturnType<Check> {
  for (const call of knownCallsOf(recommendation)) {
    const scaling = scalingOf(call);
    if (scaling === null) continue;
    const most = Math.max(scaling.current, mostReplicas(scaling.current, spec.constraints)); // what is there already may be kept, or less
    if (scaling.wanted > most)
      return {
        reason: 'exceeds_limits',
        message: `${call.place}parameters.replicas: ${scaling.wanted} is more than ${most}, the most from ${scaling.current}`,
      };
  }
  return null;
}

function quotaIsExhausted(recommendation: Recommendation, { spec }: AIAnalysis, { quotas }: Capacity): ReturnType<Check> {
  const fault = quotaFault(knownCallsOf(recommendation), spec, quotas ?? []);
  return fault === null ? null : { reason: 'quota_exceeded', message: fault };
}

/** How well what surrounds the target allows it: what could not be read leaves doubt. */
export function feasibilityOf(recommendation: Recommendation, { spec }: AIAnalysis, { quotas }: Capacity): Degree {
  const scales = knownCallsOf(recommendation).some((call) => scalingOf(call) !== null);
  return spec.contextQuality === 'degraded' || (scales && quotas === null) ? 'medium' : 'high';
}
