import { traceparentAnnotation } from '../api/labels.ts';
import type { LogFields } from '../telemetry/logger.ts';
import type { Effect, StatusValue } from './effect.ts';
import type { Decision } from './phase.ts';
import type { Resource } from './room.ts';

/** `gone`: no such resource. `stale`: a timer of a phase that is over. `deleting`: nothing is begun for what is being deleted. `lost`: another pass won. */
export type PassOutcome = 'done' | 'gone' | 'stale' | 'deleting' | 'lost';

/** What one pass came to, for its line in the log. */
export interface PassReport {
  readonly outcome: PassOutcome;
  readonly phaseFrom: string;
  readonly phaseTo: string;
  readonly reason: string;
  /** How many effects of each kind were decided. */
  readonly effects: Readonly<Record<string, number>>;
  readonly traceparent: string | undefined;
}

export function passReport(outcome: PassOutcome, resource: Resource | null, decisions: readonly Decision[]): PassReport {
  const effects = decisions.flatMap((decision) => decision.effects);
  const written = effects.findLast((effect) => effect.kind === 'PatchStatus')?.status ?? {};
  const phaseFrom = resource?.status?.phase ?? '';
  return {
    outcome,
    phaseFrom,
    phaseTo: outcome === 'done' ? textOr(written['phase'], phaseFrom) : phaseFrom,
    reason: textOr(written['reason'], ''),
    effects: countKinds(effects),
    traceparent: resource?.metadata.annotations?.[traceparentAnnotation],
  };
}

export function reportFields({ outcome, phaseFrom, phaseTo, reason, effects, traceparent }: PassReport): LogFields {
  return { outcome, phaseFrom, phaseTo, reason, effects, ...(traceparent !== undefined && { traceparent }) };
}

function countKinds(effects: readonly Effect[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of effects) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function textOr(value: StatusValue, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
