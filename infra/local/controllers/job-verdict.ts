import { isAfter, addSeconds, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import type { Job } from './job.ts';
import type { Tally } from './job-tally.ts';
import { conditionOf, type WantedCondition } from './workload-condition.ts';

/** How the Job is going to end; null while that is open. */
export interface Verdict {
  readonly kind: 'complete' | 'failed';
  readonly reason: string;
  readonly message: string;
}

export function verdictOf({ spec, status }: Job, { succeeded, failed }: Tally, now: Instant): Verdict | null {
  const conditions = status.conditions ?? [];
  const failure = conditionOf(conditions, 'FailureTarget');
  if (failure?.status === 'True') return { kind: 'failed', reason: failure.reason ?? '', message: failure.message ?? '' };
  if (conditionOf(conditions, 'SuccessCriteriaMet')?.status === 'True') return completed;
  if (failed > spec.backoffLimit) return { kind: 'failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const deadline = deadlineOf({ spec, status });
  if (deadline !== undefined && !isAfter(deadline, now)) {
    return { kind: 'failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  return succeeded >= spec.completions ? completed : null;
}

const completed: Verdict = { kind: 'complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };

/** First the target, and only when no pod runs any more the end itself. */
export function verdictConditions({ kind, reason, message }: Verdict, nothingRuns: boolean): readonly WantedCondition[] {
  const [target, end] = kind === 'failed' ? ['FailureTarget', 'Failed'] : ['SuccessCriteriaMet', 'Complete'];
  return [target, ...(nothingRuns ? [end] : [])].map((type) => ({ type, status: 'True', reason, message }));
}

export function secondsUntilDeadline(job: Pick<Job, 'spec' | 'status'>, now: Instant): number | undefined {
  const deadline = deadlineOf(job);
  return deadline === undefined ? undefined : Math.max(0, secondsBetween(now, deadline));
}

function deadlineOf({ spec, status }: Pick<Job, 'spec' | 'status'>): Instant | undefined {
  if (spec.activeDeadlineSeconds === undefined || status.startTime === undefined || spec.suspend) return undefined;
  return addSeconds(status.startTime, spec.activeDeadlineSeconds);
}
