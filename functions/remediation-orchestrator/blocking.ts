import { upperCamel, type ConditionUpdate } from '../../shared/api/condition.ts';
import type { BlockedBy, RemediationRequest, ResumePhase } from '../../shared/api/remediation-request.ts';
import { phaseOf } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { audit, transition, update } from '../../shared/reconciler/transition.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import { blockedDeadline, blockedSince, blockedTimer } from './deadlines.ts';
import { fail } from './ending.ts';
import type { ClosedFence } from './fences.ts';
import { giveBack, isHeldBy, isOfThisVersion, type TargetLease } from './leases.ts';
import type { Settings } from './settings.ts';

/** What holds a request, and what it must not keep meanwhile. */
export interface Held {
  readonly fence: ClosedFence;
  readonly resumePhase: ResumePhase;
  /** The Leases that were looked at, its own among them. */
  readonly leases: readonly TargetLease[];
  /** Of what is known by now, for printing. */
  readonly status?: StatusPatch;
}

/** Enters blocked, or stays there until its patience ends. */
export function hold(request: RemediationRequest, held: Held, settings: Settings, now: Instant): Decision {
  if (phaseOf(request) !== 'blocked') return enterBlocked(request, held, now);
  const fence = sinceItClosed(request, held.fence);
  const deadline = blockedDeadline(fence, blockedSince(request));
  if (isPast(deadline, now))
    return fail(request, { reason: 'deadline_exceeded', message: `phase blocked was not over by ${deadline}: ${fence.message}` }, settings, now);
  return stayBlocked(request, { ...held, fence }, now);
}

/** What it holds is given back only after the status says blocked: then no pass that ran beside this one can have entered executing with it. */
function enterBlocked(request: RemediationRequest, { fence, resumePhase, leases, status }: Held, now: Instant): Decision {
  const effects = transition(
    request,
    {
      to: 'blocked',
      reason: fence.reason,
      message: fence.message,
      status: { ...status, blockedBy: blockedByOf(fence, resumePhase) },
      conditions: [blockedCondition(fence)],
      audit: { type: 'request.blocked', payload: { blockedBy: { name: fence.name, until: fence.until ?? null, resumePhase } } },
      event: { type: 'Warning', reason: 'RemediationBlocked', message: `Remediation held, ${fence.reason}: ${fence.message}` },
    },
    now,
  );
  const given = leases.filter((lease) => isHeldBy(request, lease)).map((lease) => giveBack(request, lease));
  return { effects: [...effects, ...given], ...blockedTimer(fence, now, now) };
}

/**
 * Leases of an older version of the request are nobody's: no pass relies on them. One of this version may be another pass's that is about to enter
 * executing: it is given back only after a write of ours that makes that pass lose.
 */
function stayBlocked(request: RemediationRequest, { fence, resumePhase, leases }: Held, now: Instant): Decision {
  const own = leases.filter((lease) => isHeldBy(request, lease));
  const given = own.map((lease) => giveBack(request, lease));
  const timer = blockedTimer(fence, blockedSince(request), now);
  const isNews = !isSameFence(request, fence);
  if (!isNews && !own.some((lease) => isOfThisVersion(request, lease))) return { effects: given, ...timer };
  const written = update(
    request,
    {
      ...(isNews && { reason: fence.reason, message: fence.message, blockedBy: blockedByOf(fence, resumePhase) }),
      leaseRefs: own.map(({ name, uid }) => ({ name, uid })),
    },
    isNews ? [blockedCondition(fence)] : [],
    now,
  );
  const row = audit({ type: 'request.blocked', reason: fence.reason, message: fence.message, discriminator: fence.name }, 'blocked', 'blocked');
  return { effects: [...(isNews ? [row] : []), written, ...given], ...timer };
}

/** `until` is set once for a fence: a holder that is given more time must not make others wait without end. */
function sinceItClosed(request: RemediationRequest, fence: ClosedFence): ClosedFence {
  const until = request.status?.blockedBy?.until;
  return isSameFence(request, fence) && until !== undefined ? { ...fence, until } : fence;
}

function isSameFence({ status }: RemediationRequest, { reason, name }: ClosedFence): boolean {
  return status?.blockedBy?.reason === reason && status.blockedBy.name === name;
}

/** Null removes what an earlier fence said. */
function blockedByOf({ reason, name, until }: ClosedFence, resumePhase: ResumePhase): { readonly [Field in keyof BlockedBy]: BlockedBy[Field] | null } {
  return { reason, name, until: until ?? null, resumePhase };
}

function blockedCondition({ reason, message }: ClosedFence): ConditionUpdate {
  return { type: 'Blocked', status: 'True', reason: upperCamel(reason), message };
}
