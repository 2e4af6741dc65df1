import { parseRemediationProcessing, type RemediationProcessing } from '../../shared/api/remediation-processing.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import { sealed, type Decision, type SealedPhase } from '../../shared/reconciler/phase.ts';
import type { Room } from '../../shared/reconciler/room.ts';
import { fail } from './fail.ts';
import { classifying } from './phases/classifying.ts';
import { ended } from './phases/ended.ts';
import { enriching } from './phases/enriching.ts';
import { fresh } from './phases/new.ts';
import type { Ports } from './ports.ts';
import type { Settings } from './settings.ts';

/** Asked in every phase that is not over: its request was cancelled or is past its deadline. Nothing acts here, so it ends at once. */
export function cancelled(processing: RemediationProcessing, _observed: unknown, now: Instant): Decision | null {
  return isCancelRequested(processing) ? fail(processing, { reason: 'cancelled', message: 'the request asked its processing to cancel' }, now) : null;
}

export function phases(settings: Settings): Readonly<Record<string, SealedPhase<RemediationProcessing, Ports>>> {
  return {
    '': sealed(fresh, cancelled),
    enriching: sealed(enriching(settings), cancelled),
    classifying: sealed(classifying(settings), cancelled),
    completed: sealed(ended),
    failed: sealed(ended),
  };
}

export function processingRoom(settings: Settings): Room<RemediationProcessing, Ports> {
  return { kind: 'RemediationProcessing', parse: parseRemediationProcessing, phases: phases(settings) };
}
