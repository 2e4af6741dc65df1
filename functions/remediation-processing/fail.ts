import type { ProcessingFailure, RemediationProcessing } from '../../shared/api/remediation-processing.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';

export interface Failure {
  readonly reason: ProcessingFailure;
  readonly message: string;
}

export function fail(processing: RemediationProcessing, { reason, message }: Failure, now: Instant): Decision {
  const event = { type: 'Warning', reason: 'ProcessingFailed', message } as const;
  return { effects: transition(processing, { to: 'failed', reason, message, audit: { type: 'processing.failed' }, event }, now) };
}
