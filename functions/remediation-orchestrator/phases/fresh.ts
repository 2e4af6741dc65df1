import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { Effect } from '../../../shared/reconciler/effect.ts';
import type { Decision, Phase } from '../../../shared/reconciler/phase.ts';
import { audit } from '../../../shared/reconciler/transition.ts';
import { alertIsResolved } from '../alert-state.ts';
import { hold } from '../blocking.ts';
import type { Family, Ports } from '../children.ts';
import { completeWithoutAction } from '../ending.ts';
import { allOpen, closedFence, readPause, type FenceWorld } from '../fences.ts';
import { insertBefore } from '../insert-before.ts';
import { refused } from '../refused.ts';
import type { Settings } from '../settings.ts';
import { startProcessing } from '../start-processing.ts';

export interface Observed extends Family {
  /** Only what pauses: the target is not resolved yet, so nothing else can be judged. */
  readonly fences: FenceWorld;
}

/** Phase "": is there still something to remedy, and may it be begun? */
export function fresh(settings: Settings): Phase<RemediationRequest, Observed, Ports> {
  return {
    async observe(request, ports) {
      const isOver = request.spec.cancel || alertIsResolved(request);
      return { children: [], fences: isOver ? allOpen : await readPause(request, [request.spec.target?.namespace ?? ''], ports) };
    },

    decide(request, { fences }, now) {
      const decision = firstStep(request, fences, settings, now);
      return { ...decision, effects: [...insertBefore(decision.effects, 'RecordAudit', creationRow(request)), ...truncationEvent(request)] };
    },

    refused: refused(settings),
  };
}

function firstStep(request: RemediationRequest, fences: FenceWorld, settings: Settings, now: Instant): Decision {
  if (alertIsResolved(request)) return completeWithoutAction(request, 'alert_resolved', settings, now);
  const fence = closedFence(request, fences, settings, now);
  return fence === null ? startProcessing(request, settings, now) : hold(request, { fence, resumePhase: 'processing', leases: [] }, settings, now);
}

/** alert-intake writes the row of what it creates; a request made by hand has nobody else to write it. */
function creationRow({ spec }: RemediationRequest): readonly Effect[] {
  if (spec.source !== 'manual') return [];
  return [audit({ type: 'request.created', reason: '', message: `${spec.alertName} (${spec.severity}), made by hand` }, '', '')];
}

function truncationEvent({ spec: { truncatedAlerts } }: RemediationRequest): readonly Effect[] {
  if (truncatedAlerts === 0) return [];
  const message = `The notification left out ${truncatedAlerts} alerts: they exist, and nobody sent them`;
  return [{ kind: 'EmitEvent', type: 'Warning', reason: 'AlertsTruncated', message }];
}
