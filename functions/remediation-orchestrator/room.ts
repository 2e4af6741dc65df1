import { parseRemediationRequest, type RemediationRequest } from '../../shared/api/remediation-request.ts';
import { sealed } from '../../shared/reconciler/phase.ts';
import type { Room } from '../../shared/reconciler/room.ts';
import type { Ports } from './children.ts';
import { statusWhenFailed } from './ending.ts';
import { analyzing } from './phases/analyzing.ts';
import { blocked } from './phases/blocked.ts';
import { ended } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { fresh } from './phases/fresh.ts';
import { processing } from './phases/processing.ts';
import type { Settings } from './settings.ts';
import { windingDown } from './winding-down.ts';

/** Everything that the kernel knows of RemediationRequests. */
export function requestRoom(settings: Settings): Room<RemediationRequest, Ports> {
  return {
    kind: 'RemediationRequest',
    parse: parseRemediationRequest,
    phases: phases(settings),
    whenFailed: (_request, now) => statusWhenFailed(settings, now),
  };
}

export function phases(settings: Settings): Room<RemediationRequest, Ports>['phases'] {
  const always = windingDown(settings);
  const over = sealed(ended(settings));
  return {
    '': sealed(fresh(settings), always),
    processing: sealed(processing(settings), always),
    analyzing: sealed(analyzing(settings), always),
    blocked: sealed(blocked(settings), always),
    executing: sealed(executing(settings), always),
    completed: over,
    failed: over,
    cancelled: over,
  };
}
