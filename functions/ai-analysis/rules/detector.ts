import type { Finding } from '../../../shared/api/investigation.ts';
import type { Candidate } from '../answer.ts';
import type { Question } from '../provider.ts';

/** A finding, what it means, and what might be done about it. `candidates` best first. */
export interface Diagnosis {
  readonly finding: Finding;
  readonly summary: string;
  readonly rootCause: string;
  readonly recommendation: string;
  readonly candidates: readonly Candidate[];
}

/** Looks for one kind of trouble. Pure; null: not seen, or nothing that could prove it. */
export type Detector = (question: Question) => Diagnosis | null;
