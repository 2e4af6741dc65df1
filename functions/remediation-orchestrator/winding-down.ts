import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { phaseOf } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { askToCancel, isAlive } from '../../shared/reconciler/children.ts';
import type { Always, Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import type { Child, Family } from './children.ts';
import { deadlineTimer, deadlineWithPlan, overallDeadline } from './deadlines.ts';
import { alertIsResolved } from './alert-state.ts';
import { cancel, completeWithoutAction, fail, saidOf } from './ending.ts';
import type { Settings } from './settings.ts';

const endings = ['cancelled', 'deadline_exceeded', 'alert_resolved'] as const;

/** Why a request has to end though its work is not done. */
interface Ending {
  readonly reason: (typeof endings)[number];
  readonly message: string;
  /** The status says so already: the child was asked, and its end is awaited. */
  readonly isUnderWay: boolean;
}

/**
 * Asked in every phase that is not over, before the phase itself: a person cancelled, the alert resolved before the workflow acted, or the overall
 * deadline is past. No parent ends before its child: a live one is asked to cancel, once, and decides how it ends; the verdict waits for that.
 */
export function windingDown(settings: Settings): Always<RemediationRequest, Family> {
  return (request, { children }, now) => {
    const ending = endingOf(request, children, settings, now);
    if (ending === null) return null;
    const alive = children.filter(isAlive);
    if (alive.length > 0) return awaitEnd(request, alive, ending, now);
    if (children.some((child) => speaksForItself(child, ending))) return null;
    const message = [ending.message, ...children.map(saidOf)].join('; ');
    switch (ending.reason) {
      case 'cancelled':
        return cancel(request, message, settings, now);
      case 'alert_resolved':
        return completeWithoutAction(request, ending.reason, settings, now);
      case 'deadline_exceeded':
        return fail(request, { reason: ending.reason, message }, settings, now);
    }
  };
}

/** The first reason stays the verdict, whatever comes while the child ends. */
function endingOf(request: RemediationRequest, children: readonly Child[], settings: Settings, now: Instant): Ending | null {
  const { reason, message = '' } = request.status ?? {};
  const said = endings.find((ending) => ending === reason);
  if (said !== undefined) return { reason: said, message, isUnderWay: true };
  if (request.spec.cancel) return { reason: 'cancelled', message: `spec.cancel was set in phase ${calledPhase(request)}`, isUnderWay: false };
  const workflow = children.find((child) => child.kind === 'WorkflowExecution') ?? null;
  if (alertIsResolved(request) && workflow !== null && !mayHaveActed(workflow))
    return { reason: 'alert_resolved', message: 'the alert resolved before anything was changed', isUnderWay: false };
  const deadline = deadlineWithPlan(request, workflow, settings);
  return deadline !== null && isPast(deadline, now) ? pastDeadline(request, deadline) : null;
}

function pastDeadline(request: RemediationRequest, deadline: Instant): Ending {
  const message = `phase ${calledPhase(request)} was not over by ${deadline}, the deadline of the remediation`;
  return { reason: 'deadline_exceeded', message, isUnderWay: false };
}

/** The request to cancel is bound to the state that was read: a workflow that begins to act in between is not asked. */
function mayHaveActed({ status }: WorkflowExecution): boolean {
  if (status?.phase === 'failed') return status.stepStatuses?.some(({ executionRef }) => executionRef !== undefined) ?? false;
  return !['', 'planning', 'validating'].includes(status?.phase ?? '');
}

function awaitEnd(request: RemediationRequest, alive: readonly Child[], { reason, message, isUnderWay }: Ending, now: Instant): Decision {
  const asked = alive.flatMap((child) => askToCancel(child) ?? []);
  const said = isUnderWay ? [] : [update(request, { reason, message }, [], now)];
  return { effects: [...asked, ...said], ...deadlineTimer(overallDeadline(request), now) };
}

/**
 * The world first: a workflow that completed has remedied, whoever wanted it to stop meanwhile. And a child that failed by itself, before it was asked,
 * names a better reason than a deadline or an alert that is over.
 */
function speaksForItself({ kind, status }: Child, { reason, isUnderWay }: Ending): boolean {
  if (kind === 'WorkflowExecution' && status?.phase === 'completed') return true;
  if (reason === 'alert_resolved') return status?.reason !== 'cancelled';
  return reason === 'deadline_exceeded' && !isUnderWay && status?.phase === 'failed';
}

function calledPhase(request: RemediationRequest): string {
  const phase = phaseOf(request);
  return phase === '' ? '"" (not yet begun)' : phase;
}
