import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { phaseOf } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import { askToCancel, isAlive } from '../../shared/reconciler/children.ts';
import type { Always, Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import type { Child, Family } from './children.ts';
import { deadlineTimer, deadlineWithPlan, overallDeadline } from './deadlines.ts';
import { cancel, fail, saidOf } from './ending.ts';
import type { Settings } from './settings.ts';

/** Why a request has to end though its work is not done. */
interface Ending {
  readonly reason: 'cancelled' | 'deadline_exceeded';
  readonly message: string;
  /** The status says so already: the child was asked, and its end is awaited. */
  readonly isUnderWay: boolean;
}

/**
 * Asked in every phase that is not over, before the phase itself: a person cancelled, or the overall deadline is past. No parent ends before its
 * child: a live one is asked to cancel, once, and decides how it ends; the verdict waits for that.
 */
export function windingDown(settings: Settings): Always<RemediationRequest, Family> {
  return (request, { children }, now) => {
    const ending = endingOf(request, children, settings, now);
    if (ending === null) return null;
    const alive = children.filter(isAlive);
    if (alive.length > 0) return awaitEnd(request, alive, ending, now);
    if (children.some((child) => speaksForItself(child, ending))) return null;
    const message = [ending.message, ...children.map(saidOf)].join('; ');
    return ending.reason === 'cancelled' ? cancel(request, message, settings, now) : fail(request, { reason: ending.reason, message }, settings, now);
  };
}

/** The first reason stays the verdict, whatever comes while the child ends. */
function endingOf(request: RemediationRequest, children: readonly Child[], settings: Settings, now: Instant): Ending | null {
  const { reason, message = '' } = request.status ?? {};
  if (reason === 'cancelled' || reason === 'deadline_exceeded') return { reason, message, isUnderWay: true };
  if (request.spec.cancel) return { reason: 'cancelled', message: `spec.cancel was set in phase ${calledPhase(request)}`, isUnderWay: false };
  const workflow = children.find((child) => child.kind === 'WorkflowExecution') ?? null;
  const deadline = deadlineWithPlan(request, workflow, settings);
  if (deadline === null || !isPast(deadline, now)) return null;
  return {
    reason: 'deadline_exceeded',
    message: `phase ${calledPhase(request)} was not over by ${deadline}, the deadline of the remediation`,
    isUnderWay: false,
  };
}

function awaitEnd(request: RemediationRequest, alive: readonly Child[], { reason, message, isUnderWay }: Ending, now: Instant): Decision {
  const asked = alive.flatMap((child) => askToCancel(child) ?? []);
  const said = isUnderWay ? [] : [update(request, { reason, message }, [], now)];
  return { effects: [...asked, ...said], ...deadlineTimer(overallDeadline(request), now) };
}

/**
 * The world first: a workflow that completed has remedied, whoever wanted it to stop meanwhile. And a child that failed by itself before it was asked
 * names a better reason than a deadline.
 */
function speaksForItself({ kind, status }: Child, { reason, isUnderWay }: Ending): boolean {
  if (kind === 'WorkflowExecution' && status?.phase === 'completed') return true;
  return reason === 'deadline_exceeded' && !isUnderWay && status?.phase === 'failed';
}

function calledPhase(request: RemediationRequest): string {
  const phase = phaseOf(request);
  return phase === '' ? '"" (not yet begun)' : phase;
}
