import { fromRecommendation, parseAction } from '../../shared/actions/index.ts';
import type { BoundAction } from '../../shared/actions/action.ts';
import type { AIAnalysis, Rejected } from '../../shared/api/ai-analysis.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { SafetyLevel } from '../../shared/api/recommendation.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import type { Draft } from './draft.ts';

/** The targets that were looked up, by `keyText`; null: no such object. */
export type Targets = ReadonlyMap<string, KubernetesObject | null>;

export type Judged = { readonly kind: 'consistent'; readonly safetyLevel: SafetyLevel } | { readonly kind: 'rejected'; readonly rejected: Rejected };

const safetyLevels = { low: 'safe', moderate: 'moderate', high: 'dangerous' } as const;
const order: readonly SafetyLevel[] = ['safe', 'moderate', 'dangerous'];

/** The calls that a draft amounts to: one, or one for each of its steps. */
export function callsOf({ recommendation }: Draft) {
  const { action, parameters, steps } = recommendation;
  return (steps ?? [{ action, parameters }]).map((step) => parseAction(step.action, fromRecommendation(step.action, step.parameters)));
}

export function targetsOf(drafts: readonly Draft[]): readonly ObjectKey[] {
  const keys = drafts.flatMap(callsOf).flatMap((call) => (call.kind === 'known' ? [call.action.target] : []));
  return [...new Map(keys.map((key) => [keyText(key), key])).values()];
}

export function keyText({ apiVersion, kind, namespace = '', name }: ObjectKey): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

/** Is it an action of the catalogue, on something that exists, for which something speaks? Pure. */
export function judge(draft: Draft, { status }: Pick<AIAnalysis, 'status'>, targets: Targets): Judged {
  const { action } = draft.recommendation;
  const proven = (status?.investigation?.findings ?? []).filter(({ id, evidence }) => draft.findings.includes(id) && evidence.length > 0);
  if (proven.length === 0) return rejected(action, 'no_evidence', 'no finding with evidence speaks for it');
  const calls = callsOf(draft);
  const wrong = calls.find((call) => call.kind !== 'known');
  if (wrong !== undefined) return rejected(action, wrong.kind, `${wrong.field === '' ? '' : `${wrong.field}: `}${wrong.message}`);
  const known = calls.flatMap((call) => (call.kind === 'known' ? [call.action] : []));
  const absent = known.find(({ target }) => (targets.get(keyText(target)) ?? null) === null);
  if (absent !== undefined)
    return rejected(action, 'target_not_found', `${absent.target.kind} ${absent.target.namespace ?? ''}/${absent.target.name} does not exist`);
  return { kind: 'consistent', safetyLevel: riskiest(known, targets) };
}

/** Several steps are as dangerous as the worst of them. */
function riskiest(calls: readonly BoundAction[], targets: Targets): SafetyLevel {
  const levels = calls.map((call) => safetyLevels[call.risk(targets.get(keyText(call.target)) ?? null)]);
  return levels.toSorted((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? 'dangerous';
}

function rejected(action: string, reason: string, message: string): Judged {
  return { kind: 'rejected', rejected: { action, reason, message } };
}
