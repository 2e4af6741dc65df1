import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { addSeconds, durationSeconds, latest, secondsBetween, type Instant } from '../../shared/api/time.ts';
import { conditionOf } from './conditions.ts';

const validatingSeconds = 60; // a few reads and one dry run
const permissionSecondsMax = 900; // an execution that its owner has not named by then is an orphan
const phaseMarginSeconds = 90; // the Job's own grace, and half a minute for what follows it
const jobGraceSeconds = 60; // a Job past its own deadline that is still there is no longer trusted to end by itself
const healthSecondsMin = 30; // a Job that began late leaves its change some time to become healthy
const jobSecondsMin = 30; // less would end a pod before its image is pulled

// A status without a startTime was not written by us: all its deadlines are long past, and the phase ends instead of hanging.
const epoch = '1970-01-01T00:00:00Z';

/** How often a change that is right but not yet healthy is looked at again. */
export const healthTickSeconds = 10;

/** When validating that cannot be read is given up. Every look that succeeds decides, so nothing waits for this moment. */
export function validatingEndsAt({ metadata, status }: KubernetesExecution): Instant {
  return addSeconds(status?.phaseStartTime ?? metadata.creationTimestamp ?? epoch, validatingSeconds);
}

/** What is left of the timeout, for a Job that is made now. */
export function activeDeadlineSeconds(execution: KubernetesExecution, now: Instant): number {
  return Math.max(jobSecondsMin, Math.floor(secondsBetween(now, timeoutAt(execution, now))));
}

/** startTime + timeout, moved by the time that the owner's permission took. */
export function timeoutAt(execution: KubernetesExecution, now: Instant): Instant {
  return addSeconds(countedFrom(execution, now), durationSeconds(execution.spec.timeout));
}

/** When executing is over for an execution that has no Job, or whose Job has ended. */
export function phaseEndsAt(execution: KubernetesExecution, outcomeSeconds: number, now: Instant): Instant {
  const limitSeconds = Math.max(durationSeconds(execution.spec.timeout), outcomeSeconds);
  return addSeconds(countedFrom(execution, now), limitSeconds + phaseMarginSeconds);
}

/** How long what is right may stay unhealthy. `jobEndedAt`: when the Job was seen to have ended, which is never before it did. */
export function healthEndsAt(execution: KubernetesExecution, outcomeSeconds: number, jobEndedAt: Instant, now: Instant): Instant {
  return latest(addSeconds(countedFrom(execution, now), outcomeSeconds), addSeconds(jobEndedAt, healthSecondsMin));
}

/** When a target that cannot be read is given up. `jobEndedAt` null: that the Job has ended is news. */
export function givenUpAt(execution: KubernetesExecution, outcomeSeconds: number, jobEndedAt: Instant | null, now: Instant): Instant {
  const phaseEnd = phaseEndsAt(execution, outcomeSeconds, now);
  return jobEndedAt === null ? phaseEnd : latest(phaseEnd, healthEndsAt(execution, outcomeSeconds, jobEndedAt, now));
}

/** When the Job's own activeDeadlineSeconds ends it. `endsBy` null: it has not begun, so the clock of the Job itself does not run yet. */
export function jobDeadline(execution: KubernetesExecution, endsBy: Instant | null, now: Instant): Instant {
  return endsBy ?? latest(timeoutAt(execution, now), addSeconds(execution.status?.jobCreatedTime ?? epoch, jobSecondsMin));
}

/** When a Job that still runs is deleted. */
export function jobDeletedAt(deadline: Instant): Instant {
  return addSeconds(deadline, jobGraceSeconds);
}

function countedFrom(execution: KubernetesExecution, now: Instant): Instant {
  const start = execution.status?.startTime ?? execution.metadata.creationTimestamp ?? epoch;
  return addSeconds(start, heldSeconds(execution, now));
}

/**
 * The deadlines stand still while the owner has not yet named this execution: from entering executing until Permitted turns True. It is
 * bounded by the wait that makes an orphan, so that a create which fails for ever meets its deadline too.
 */
function heldSeconds(execution: KubernetesExecution, now: Instant): number {
  const permitted = conditionOf(execution, 'Permitted');
  const enteredAt = execution.status?.phaseStartTime;
  if (permitted === null || enteredAt === undefined) return 0;
  const heldUntil = permitted.status === 'True' ? permitted.lastTransitionTime : now;
  return Math.min(permissionSecondsMax, Math.max(0, secondsBetween(enteredAt, heldUntil)));
}
