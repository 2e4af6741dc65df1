import type { KubernetesObject } from '../api/object-ref.ts';
import type { Instant } from '../api/time.ts';
import { failedByKernel } from './failure.ts';
import { interpret, type Interpretation } from './interpret.ts';
import type { Decision } from './phase.ts';
import type { Resource, Room } from './room.ts';
import type { PassOptions, Step } from './step.ts';

type Refused = Extract<Interpretation, { readonly kind: 'refused' }>;

/** How it ended, and all that was decided on the way. */
export interface CarriedOut {
  readonly interpretation: Exclude<Interpretation, Refused>;
  readonly decisions: readonly Decision[];
}

const decisionsMax = 4; // the phase's own, an answer to a refusal, an answer to the refusal of that, and the refused status of the last

/** Interprets a decision; where the API refuses an effect for good, the answer to that is interpreted in its place. Without an answer the refusal is thrown. */
export async function carryOut<R extends Resource, Ports>(options: PassOptions<R, Ports>, step: Step<R, Ports>, first: Decision): Promise<CarriedOut> {
  const { clusterName, clock, room } = options;
  const { resource, delivery } = step;
  const decisions: Decision[] = [];
  let standing: KubernetesObject | null = null;
  let decision: Decision | null = first;
  let error: unknown;
  while (decision !== null && decisions.length < decisionsMax) {
    decisions.push(decision);
    const now = clock.now();
    const interpretation: Interpretation = await interpret(decision, { resource, cluster: clusterName, cause: delivery.body.cause, now, standing }, options);
    if (interpretation.kind !== 'refused') return { interpretation, decisions };
    standing = interpretation.standing;
    error = interpretation.error;
    decision = answerTo(interpretation, room, step, now);
  }
  throw error;
}

/** A status that the API will not store ends in the smallest one that says so; everything else the phase answers, or nobody. */
function answerTo<R extends Resource, Ports>(
  { refusal, content }: Refused,
  room: Room<R, Ports>,
  { phase, resource }: Step<R, Ports>,
  now: Instant,
): Decision | null {
  if (!content) return phase.refused(resource, refusal, now);
  const { effect, message } = refusal;
  const isLastResort = effect.kind === 'PatchStatus' && effect.status['reason'] === 'status_refused';
  return isLastResort ? null : failedByKernel(room, resource, { reason: 'status_refused', message }, now);
}
