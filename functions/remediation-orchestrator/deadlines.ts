import type { BlockedBy, RemediationRequest } from '../../shared/api/remediation-request.ts';
import { addSeconds, latest, secondsBetween, type Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { deadlineWaitSeconds, isPast } from '../../shared/reconciler/wait.ts';
import type { Settings } from './settings.ts';

const planMarginSeconds = 900; // the plan's worst case counts every deadline; queues and cold starts come on top
const blockedSeconds = 3_600;
const blockedGraceSeconds = 300; // after the fence should have opened
const pausedSeconds = 86_400; // a person sleeps on it

// A status without its times was not written by us: its waits are long past, and it ends instead of hanging.
const epoch = '1970-01-01T00:00:00Z';

/** When the request ends at the latest; null before it has begun, and while a fence holds it: blocked has its own deadline. */
export function overallDeadline({ status }: RemediationRequest): Instant | null {
  return status === undefined || status.phase === 'blocked' ? null : (status.overallDeadline ?? null);
}

export function firstDeadline({ overallTimeoutSeconds }: Settings, now: Instant): Instant {
  return addSeconds(now, overallTimeoutSeconds);
}

/**
 * The deadline with which a request enters executing: moved by the time that it was blocked, and by the time that a person has to decide. The whole
 * of that time is given at once, so that it is given exactly once.
 */
export function executingDeadline(request: RemediationRequest, isApprovalRequired: boolean, settings: Settings, now: Instant): Instant {
  const { overallDeadline: deadline = firstDeadline(settings, now), phase, phaseStartTime = now } = request.status ?? {};
  const blockedFor = phase === 'blocked' ? Math.max(0, secondsBetween(phaseStartTime, now)) : 0;
  return addSeconds(deadline, blockedFor + approvalSeconds(isApprovalRequired, settings));
}

/** Once the plan is there it may need longer: all its own deadlines and a quarter of an hour, from entering executing. */
export function deadlineWithPlan(request: RemediationRequest, workflow: WorkflowExecution | null, settings: Settings): Instant | null {
  const deadline = overallDeadline(request);
  const worstCaseSeconds = workflow?.status?.executionPlan?.worstCaseSeconds;
  if (workflow === null || deadline === null || worstCaseSeconds === undefined) return deadline;
  const { approvalRequired } = workflow.spec.executionStrategy;
  const needed = worstCaseSeconds + planMarginSeconds + approvalSeconds(approvalRequired && !workflow.spec.dryRun, settings);
  return latest(deadline, addSeconds(request.status?.phaseStartTime ?? epoch, needed));
}

/** How long a fence may hold a request that is blocked since `since`. */
export function blockedDeadline({ reason, until }: Pick<BlockedBy, 'reason' | 'until'>, since: Instant): Instant {
  if (reason === 'paused') return addSeconds(since, pausedSeconds);
  const anHour = addSeconds(since, blockedSeconds);
  return until === undefined ? anHour : latest(anHour, addSeconds(until, blockedGraceSeconds));
}

export function blockedSince({ status }: RemediationRequest): Instant {
  return status?.phaseStartTime ?? epoch;
}

/** The timer of a phase that waits for a child: for the deadline while it lies ahead, and past it ever more seldom. */
export function deadlineTimer(deadline: Instant | null, now: Instant): Pick<Decision, 'wakeAfterSeconds'> {
  return deadline === null ? {} : { wakeAfterSeconds: [deadlineWaitSeconds(deadline, now)] };
}

/** The timer of blocked: when the fence should open, then when the patience ends. */
export function blockedTimer(fence: Pick<BlockedBy, 'reason' | 'until'>, since: Instant, now: Instant): Pick<Decision, 'wakeAfterSeconds'> {
  const isToOpen = fence.until !== undefined && !isPast(fence.until, now);
  return deadlineTimer(isToOpen ? fence.until : blockedDeadline(fence, since), now);
}

function approvalSeconds(isRequired: boolean, { approvalTimeoutSeconds }: Settings): number {
  return isRequired ? approvalTimeoutSeconds : 0;
}
