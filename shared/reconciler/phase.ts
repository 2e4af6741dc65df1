import type { Instant } from '../api/time.ts';
import type { Effect } from './effect.ts';

export interface Decision {
  /** Interpreted in order; the order is the safety argument. */
  readonly effects: readonly Effect[];
  /**
   * One timer each, sent before the first PatchStatus, named after the phase that holds after it. A waiting phase may always say it: armed are the
   * timers of a decision that writes the status, and those of a timer's own pass. Whoever else looks in on a wait (a watch, a sweep) arms nothing.
   */
  readonly wakeAfterSeconds?: readonly number[];
}

/** Nothing to do: a pass that changes nothing writes nothing. */
export const nothing: Decision = { effects: [] };

/** The API refused one of our effects for good: `effect` is the one, `message` the API's words. `status` 409: a stranger's object under our name. */
export interface Refusal {
  readonly effect: Effect;
  readonly status: number;
  readonly message: string;
}

export interface Phase<Resource, Observed, Ports> {
  /** Everything this phase may look at. Absent is null. Reads only; a server-side dry run and an access review count as reads. */
  observe(resource: Resource, ports: Ports, now: Instant): Promise<Observed>;
  /** Pure and total: same input, same decision; bad cluster state is a decision with a reason, never an exception. */
  decide(resource: Resource, observed: Observed, now: Instant): Decision;
  /**
   * What to decide when the API refuses one of our effects for good (403, 422, an admission denial, a stranger's object under our name).
   * Null: nobody has an answer to this one, so the kernel throws it.
   */
  refused?(resource: Resource, refusal: Refusal, now: Instant): Decision | null;
  /**
   * When this phase's wait is over; null: none, or the work may still act and must not be failed from outside.
   * A minute past it the kernel fails a resource whose observe keeps throwing.
   */
  deadline?(resource: Resource): Instant | null;
}

/**
 * Ties one phase's Observed to its decide, so that a table of phases with different Observed types can be held and run
 * without a cast: `sealed(phase)` closes over the type.
 */
export interface SealedPhase<Resource, Ports> {
  look(resource: Resource, ports: Ports, now: Instant): Promise<SealedDecision<Resource>>;
  refused(resource: Resource, refusal: Refusal, now: Instant): Decision | null;
  deadline(resource: Resource): Instant | null;
}

export interface SealedDecision<Resource> {
  decide(resource: Resource, now: Instant): Decision;
}

/** `always` is asked after observe and before decide: cancel, overall deadline. */
export type Always<Resource, Observed> = (resource: Resource, observed: Observed, now: Instant) => Decision | null;

export function sealed<Resource, Observed, Ports>(phase: Phase<Resource, Observed, Ports>, always?: Always<Resource, Observed>): SealedPhase<Resource, Ports> {
  return {
    async look(resource, ports, now) {
      const observed = await phase.observe(resource, ports, now);
      return { decide: (current, at) => always?.(current, observed, at) ?? phase.decide(current, observed, at) };
    },
    refused: (resource, refusal, now) => phase.refused?.(resource, refusal, now) ?? null,
    deadline: (resource) => phase.deadline?.(resource) ?? null,
  };
}
