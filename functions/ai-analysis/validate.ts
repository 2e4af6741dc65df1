import type { BoundAction } from '../../shared/actions/action.ts';
import { protectedTarget } from '../../shared/actions/protected.ts';
import type { AIAnalysis, Rejected } from '../../shared/api/ai-analysis.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Recommendation, SafetyLevel } from '../../shared/api/recommendation.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import { wantedPods } from '../../shared/actions/workload.ts';
import { callsOf, knownCallsOf, scalingOf, type Call, type KnownCall } from './calls.ts';
import type { Draft } from './draft.ts';

/** A target as it was found; `unreadable`: we may not read such objects. */
export type FoundTarget = KubernetesObject | 'absent' | 'unreadable';

/** By `keyText`; those that nobody looked for are missing. */
export type Targets = ReadonlyMap<string, FoundTarget>;

export type Judged = { readonly kind: 'consistent'; readonly recommendation: Recommendation } | { readonly kind: 'rejected'; readonly rejected: Rejected };

const targetsMax = 40; // ten candidates of one step each are ten; what names more is no remedy of one fault

const safetyLevels = { low: 'safe', moderate: 'moderate', high: 'dangerous' } as const;
const order: readonly SafetyLevel[] = ['safe', 'moderate', 'dangerous'];

/** What is worth looking up: each target once, protected ones never, and no more than a bound. */
export function targetsOf(drafts: readonly Draft[]): readonly ObjectKey[] {
  const keys = drafts.flatMap(({ recommendation }) => knownCallsOf(recommendation)).map(({ action }) => action.target);
  const permitted = keys.filter((key) => protectedTarget(key) === null);
  return [...new Map(permitted.map((key) => [keyText(key), key])).values()].slice(0, targetsMax);
}

export function keyText({ apiVersion, kind, namespace = '', name }: ObjectKey): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

/** Is it an action of the catalogue, on something that exists and may be touched, for which something speaks? Pure. */
export function judge({ recommendation, findings }: Draft, { status }: Pick<AIAnalysis, 'status'>, targets: Targets): Judged {
  const proven = (status?.investigation?.findings ?? []).some(({ id, evidence }) => findings.includes(id) && evidence.length > 0);
  const calls = knownCallsOf(recommendation);
  const fault = proven
    ? (formFault(recommendation) ?? first(calls, protectedFault) ?? first(calls, (call) => targetFault(call, targets)))
    : { reason: 'no_evidence', message: 'no finding with evidence speaks for it' };
  if (fault !== null) return { kind: 'rejected', rejected: { action: recommendation.action, ...fault } };
  const safetyLevel = riskiest(
    calls.map(({ action }) => action),
    targets,
  );
  return { kind: 'consistent', recommendation: { ...truthful(recommendation, calls, targets), safetyLevel } };
}

type Fault = Pick<Rejected, 'reason' | 'message'>;

function first(calls: readonly KnownCall[], faultOf: (call: KnownCall) => Fault | null): Fault | null {
  return calls.map(faultOf).find((fault) => fault !== null) ?? null;
}

function formFault(recommendation: Recommendation): Fault | null {
  const { action, steps } = recommendation;
  const faults = callsOf(recommendation).map(callFault);
  const found = faults.find((fault) => fault !== null) ?? null;
  if (found !== null || steps === undefined) return found;
  if (!steps.some((step) => step.action === action)) return { reason: 'invalid_steps', message: 'action: must be the action of one of its steps' };
  // Nothing could fail in a plan that could do without all of it.
  if (steps.every(({ criticalStep }) => criticalStep === false)) return { reason: 'invalid_steps', message: 'steps: at least one must be critical' };
  return null;
}

/** The catalogue's messages about parameters begin with the parameter that they speak of. */
function callFault({ place, parsed }: Call): Fault | null {
  if (parsed.kind === 'known') return null;
  const { kind, field, message } = parsed;
  if (kind !== 'invalid_parameters') return { reason: kind, message: `${place}action: ${message}` };
  return { reason: kind, message: `${place}parameters${field === '' ? ': ' : '.'}${message}` };
}

function protectedFault({ place, action }: KnownCall): Fault | null {
  const message = protectedTarget(action.target);
  return message === null ? null : { reason: 'protected_namespace', message: `${place}parameters.${message}` };
}

function targetFault({ place, action }: KnownCall, targets: Targets): Fault | null {
  const { kind, namespace = '', name } = action.target;
  const found = targets.get(keyText(action.target));
  if (found === undefined)
    return { reason: 'too_many_targets', message: `${place}parameters: only the first ${targetsMax} targets of an analysis are looked up` };
  if (found === 'absent') return { reason: 'target_not_found', message: `${place}parameters: ${kind} ${namespace}/${name} does not exist` };
  if (found === 'unreadable') return { reason: 'target_unreadable', message: `${place}parameters: ${kind} ${namespace}/${name} may not be read` };
  return null;
}

/** Several steps are as dangerous as the worst of them. */
function riskiest(actions: readonly BoundAction[], targets: Targets): SafetyLevel {
  const levels = actions.map((action) => safetyLevels[action.risk(objectOf(action.target, targets))]);
  return levels.toSorted((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? 'dangerous';
}

/** How many replicas there are is read, and never believed: growth is measured from it. */
function truthful(recommendation: Recommendation, calls: readonly KnownCall[], targets: Targets): Recommendation {
  const corrected = calls.map((call) => withPresentReplicas(call, objectOf(call.action.target, targets)));
  const { steps } = recommendation;
  if (steps === undefined) return { ...recommendation, parameters: corrected[0] ?? recommendation.parameters };
  return { ...recommendation, steps: steps.map((step, index) => ({ ...step, parameters: corrected[index] ?? step.parameters })) };
}

function withPresentReplicas(call: KnownCall, target: KubernetesObject | null): JsonObject {
  return target === null || scalingOf(call) === null ? call.said : { ...call.said, currentReplicas: wantedPods(target) };
}

function objectOf(key: ObjectKey, targets: Targets): KubernetesObject | null {
  const found = targets.get(keyText(key));
  return found === undefined || typeof found === 'string' ? null : found;
}
