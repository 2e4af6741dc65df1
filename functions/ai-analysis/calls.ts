import type { BoundAction, ParsedAction } from '../../shared/actions/action.ts';
import { actions, fromRecommendation, parseAction } from '../../shared/actions/index.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';

/** One action that a recommendation asks for. */
export interface Call {
  /** Where it stands in the recommendation: '' or `steps[1].`. */
  readonly place: string;
  /** As the recommendation has them, information included. */
  readonly said: JsonObject;
  readonly parsed: ParsedAction;
}

export interface KnownCall extends Call {
  readonly action: BoundAction;
}

/** What a recommendation amounts to: one call, or one for each of its steps. */
export function callsOf({ action, parameters, steps }: Recommendation): readonly Call[] {
  if (steps === undefined) return [callOf('', action, parameters)];
  return steps.map((step, index) => callOf(`steps[${index}].`, step.action, step.parameters));
}

/** Those that the catalogue knows: all of them, once an analysis has been validated. */
export function knownCallsOf(recommendation: Recommendation): readonly KnownCall[] {
  return callsOf(recommendation).flatMap((call) => (call.parsed.kind === 'known' ? [{ ...call, action: call.parsed.action }] : []));
}

/** '' for what is no action. */
export function categoryOf({ action }: Pick<Recommendation, 'action'>): string {
  return actions.find(({ name }) => name === action)?.category ?? '';
}

export interface Scaling {
  readonly current: number;
  readonly wanted: number;
}

/** Null: it sets no number of replicas. Without a present number, which validation has written beside it, there is none to grow from. */
export function scalingOf({ action, said }: KnownCall): Scaling | null {
  const { replicas: wanted } = action.parameters;
  if (action.category !== 'scaling' || typeof wanted !== 'number') return null;
  const { currentReplicas: current } = said;
  return { wanted, current: typeof current === 'number' ? current : 0 };
}

function callOf(place: string, action: string, said: JsonObject): Call {
  return { place, said, parsed: parseAction(action, fromRecommendation(action, said)) };
}
