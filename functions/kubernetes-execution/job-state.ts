import type { ConditionUpdate } from '../../shared/api/condition.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, instantSchema, type Instant } from '../../shared/api/time.ts';
import { listAt, numberAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import { conditionOf } from './conditions.ts';

export type JobState =
  /** `endsBy`: when its own activeDeadlineSeconds ends it; null while it has not begun. */
  { readonly kind: 'running'; readonly endsBy: Instant | null } | { readonly kind: 'failed'; readonly timedOut: boolean } | Over;

/** The Job can no longer act, and has not failed as far as anybody saw: the world has to tell what came of it. */
export type Over = { readonly kind: 'succeeded' | 'gone' };

/** What the status already says of it goes before a look at the Job, which was then not taken. */
export function jobState(execution: Pick<KubernetesExecution, 'status'>, job: KubernetesObject | null): JobState {
  return endInStatus(execution) ?? readJob(job);
}

/**
 * How the Job that jobRef names stands; null: there is no such Job any more. Only Complete and Failed are the end: their forerunners
 * SuccessCriteriaMet and FailureTarget come while pods still run.
 */
export function readJob(job: KubernetesObject | null): JobState {
  if (job === null) return { kind: 'gone' };
  if (trueCondition(job, 'Complete') !== undefined) return { kind: 'succeeded' };
  const failed = trueCondition(job, 'Failed');
  if (failed !== undefined) return { kind: 'failed', timedOut: stringAt(failed, 'reason') === 'DeadlineExceeded' };
  const begunAt = instantSchema.safeParse(stringAt(job, 'status', 'startTime'));
  const boundSeconds = numberAt(job, 'spec', 'activeDeadlineSeconds');
  return { kind: 'running', endsBy: !begunAt.success || boundSeconds === null ? null : addSeconds(begunAt.data, boundSeconds) };
}

/** What the status already says of the Job's end, so that the Job need not be read again; null: it has not ended, as far as we know. */
export function endInStatus(execution: Pick<KubernetesExecution, 'status'>): Over | null {
  const condition = conditionOf(execution, 'JobFinished');
  if (condition?.status === 'True') return { kind: 'succeeded' };
  return condition?.status === 'False' && condition.reason === jobMissing ? { kind: 'gone' } : null;
}

/** When a pass first saw that the Job had ended, which is never before it did. */
export function endSeenAt(execution: Pick<KubernetesExecution, 'status'>): Instant | null {
  return endInStatus(execution) === null ? null : (conditionOf(execution, 'JobFinished')?.lastTransitionTime ?? null);
}

/** JobFinished once the Job has ended without having failed. */
export function finishedCondition({ kind }: Over): ConditionUpdate {
  if (kind === 'succeeded') return { type: 'JobFinished', status: 'True', reason: 'Completed' };
  return { type: 'JobFinished', status: 'False', reason: jobMissing, message: 'the Job is gone, and nobody saw how it ended' };
}

const jobMissing = 'JobMissing';

function trueCondition(job: KubernetesObject, type: string): unknown {
  return listAt(job, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === type && stringAt(condition, 'status') === 'True');
}
