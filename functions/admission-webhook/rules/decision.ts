import type { JsonValue } from '../../../shared/api/json.ts';

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string };

/** Why an approval is refused, in one word for the audit. */
export const ApprovalRefusal = [
  'not_a_person',
  'stamp_not_ours',
  'both_decisions',
  'not_validating',
  'approval_not_required',
  'approval_expired',
  'another_digest',
  'self_approval',
  'already_approved',
  'unreadable_workflow',
] as const;
export type ApprovalRefusal = (typeof ApprovalRefusal)[number];

export interface Denied {
  readonly kind: 'denied';
  /** `forbidden`: not this user. `invalid`: nobody, as it is written. */
  readonly cause: 'forbidden' | 'invalid';
  readonly field: string;
  readonly message: string;
  /** "" where the message already says what to do. */
  readonly remedy: string;
  /** Of a refused approval only. */
  readonly approval?: ApprovalRefusal;
}

/** What becomes of a write, as data: the app only answers with it. */
export type Decision = { readonly kind: 'allowed' } | Denied | { readonly kind: 'patch'; readonly operations: readonly PatchOperation[] };

export const allowed: Decision = { kind: 'allowed' };

export function forbidden(field: string, message: string, remedy: string): Denied {
  return { kind: 'denied', cause: 'forbidden', field, message, remedy };
}

export function invalid(field: string, message: string, remedy: string): Denied {
  return { kind: 'denied', cause: 'invalid', field, message, remedy };
}

/** Of a sentence that begins with its field, as those of shared/planning do: `workflowDefinition.steps[0].action: … did you mean …?` */
export function invalidBySentence(sentence: string): Denied {
  const [field = '', ...rest] = sentence.split(': ');
  return invalid(field, rest.join(': '), '');
}

/** What the user reads: field, fault and remedy. */
export function sentenceOf({ field, message, remedy }: Denied): string {
  return remedy === '' ? `${field}: ${message}` : `${field}: ${message}: ${remedy}`;
}
