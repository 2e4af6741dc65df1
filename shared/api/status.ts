import * as z from 'zod';
import { conditionsSchema } from './condition.ts';
import type { Immutable } from './json.ts';
import { instantSchema } from './time.ts';
import { reasonSchema, textSchema } from './text.ts';

export const TerminalPhase = ['completed', 'failed', 'cancelled'] as const;
export type TerminalPhase = (typeof TerminalPhase)[number];

export function isTerminal(phase: string | undefined): phase is TerminalPhase {
  return TerminalPhase.some((terminal) => terminal === phase);
}

/** "" before the first pass: a resource that nobody has touched yet has no status at all. */
export function phaseOf<Phase extends string>(resource: { readonly status?: { readonly phase: Phase } | undefined }): Phase | '' {
  return resource.status?.phase ?? '';
}

const commonSchema = z.object({
  startTime: instantSchema.optional().describe('When a function first looked at the resource.'),
  phaseStartTime: instantSchema.optional().describe('When the present phase began; deadlines are measured from it.'),
  completionTime: instantSchema.optional().describe('When the resource reached a terminal phase.'),
  reason: reasonSchema.optional().describe('Why it ended as it did, in one word of snake_case.'),
  message: textSchema.optional().describe('Why it ended as it did, in a sentence.'),
  conditions: conditionsSchema.optional().describe('Kubernetes conditions, for kubectl wait.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of the spec that this status speaks of.'),
});

/** What every status has, whatever the kind. */
export type StatusFields = Immutable<z.infer<typeof commonSchema>> & { readonly phase: string };

/** Spread into the schema of a status. `phase` defaults to "": the alert's state may be written before the first pass. */
export function statusFields<const Phases extends readonly ['', ...string[]]>(phases: Phases) {
  const phase = z.enum(phases).default('').describe('Where the resource stands; empty before its first pass.');
  return { phase, ...commonSchema.shape };
}
