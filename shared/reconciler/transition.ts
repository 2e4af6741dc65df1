import { mergeConditions, upperCamel, type ConditionUpdate } from '../api/condition.ts';
import { isTerminal } from '../api/status.ts';
import { boundedText } from '../api/text.ts';
import type { Instant } from '../api/time.ts';
import type { Effect, EmitEvent, PatchStatus, RecordAudit, StatusPatch } from './effect.ts';
import type { Resource } from './room.ts';

/** What a room says about a step of its resource; the common fields of api.md §1 and §7 are derived here, once for all kinds. */
export interface Transition {
  /** The phase to enter. */
  readonly to: string;
  /** snake_case, from the kind's list; absent on the way and at a plain success. */
  readonly reason?: string;
  readonly message?: string;
  /** The kind's own fields; may override the derived ones (a copied completionTime). */
  readonly status?: StatusPatch;
  readonly conditions?: readonly ConditionUpdate[];
  /** Reason of condition Succeeded where it is not the status reason: NoActionNeeded, DryRunOnly. */
  readonly succeededReason?: string;
  /** Absent on a step that api.md names no row for, such as the first pass. */
  readonly audit?: Told;
  readonly event?: Omit<EmitEvent, 'kind'>;
}

/** The audit row of a step; phases, reason and message are the transition's own unless said here. */
export type Told = Pick<RecordAudit, 'type'> & Partial<Pick<RecordAudit, 'payload' | 'discriminator' | 'actor' | 'message' | 'reason'>>;

/** RecordAudit, PatchStatus, EmitEvent, in this order: a crash before the patch repeats the pass, and nothing would repeat it after. */
export function transition(resource: Resource, step: Transition, now: Instant): readonly Effect[] {
  const from = resource.status?.phase ?? '';
  const message = step.message === undefined ? undefined : boundedText(step.message);
  return [
    ...(step.audit === undefined
      ? []
      : [audit({ ...step.audit, reason: step.audit.reason ?? step.reason ?? '', message: step.audit.message ?? message ?? '' }, from, step.to)]),
    enter(resource, { ...step, ...(message !== undefined && { message }) }, now),
    ...(step.event === undefined ? [] : [{ kind: 'EmitEvent' as const, ...step.event }]),
  ];
}

/** A write within the phase: only the fields and conditions given, and no audit of its own. */
export function update(resource: Resource, status: StatusPatch, conditions: readonly ConditionUpdate[], now: Instant): PatchStatus {
  return { kind: 'PatchStatus', status: { ...status, ...merged(resource, conditions, now) } };
}

export function audit(told: Told & { readonly reason: string; readonly message: string }, phaseFrom: string, phaseTo: string): RecordAudit {
  return { kind: 'RecordAudit', ...told, phaseFrom, phaseTo };
}

function enter(resource: Resource, step: Transition, now: Instant): PatchStatus {
  const ended = isTerminal(step.to);
  return {
    kind: 'PatchStatus',
    status: {
      phase: step.to,
      ...((resource.status?.startTime ?? null) === null && { startTime: now }),
      phaseStartTime: now,
      ...(ended && { completionTime: now }),
      reason: step.reason ?? null,
      message: step.message ?? null,
      observedGeneration: resource.metadata.generation ?? 1,
      ...step.status,
      ...merged(resource, [...verdictConditions(step), ...(step.conditions ?? [])], now),
    },
  };
}

function verdictConditions({ to, reason, succeededReason, message }: Transition): readonly ConditionUpdate[] {
  const said = message === undefined ? {} : { message };
  if (!isTerminal(to)) {
    return [
      { type: 'Ready', status: 'False', reason: upperCamel(to) },
      { type: 'Succeeded', status: 'Unknown', reason: 'Running' },
    ];
  }
  if (to === 'completed') {
    return [
      { type: 'Ready', status: 'True', reason: 'Completed', ...said },
      { type: 'Succeeded', status: 'True', reason: succeededReason ?? 'Completed', ...said },
    ];
  }
  const why = upperCamel(reason ?? to);
  return [
    { type: 'Ready', status: 'False', reason: why, ...said },
    { type: 'Succeeded', status: 'False', reason: why, ...said },
  ];
}

function merged(resource: Resource, updates: readonly ConditionUpdate[], now: Instant): StatusPatch {
  if (updates.length === 0) return {};
  const observedGeneration = resource.metadata.generation ?? 1;
  return { conditions: mergeConditions(resource.status?.conditions ?? [], updates, { now, observedGeneration }).map((condition) => ({ ...condition })) };
}
