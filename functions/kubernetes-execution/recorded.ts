import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { keyOf } from '../../shared/reconciler/bound.ts';
import type { DeleteResource } from '../../shared/reconciler/effect.ts';
import { nothing, type Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { isPast, pastDeadlineSeconds, untilSeconds } from '../../shared/reconciler/wait.ts';
import { admit } from '../../shared/planning/admittance.ts';
import { conditionOf } from './conditions.ts';
import { healthTickSeconds, jobDeadline, jobDeletedAt } from './deadlines.ts';
import { timeoutMessage } from './end-without-job.ts';
import { outputOf, type Evidence } from './evidence.ts';
import { jobState, type JobState } from './job-state.ts';
import { decideOutcome, unreadable, unverifiable, type World } from './outcome.ts';
import { noReport, podIsAlive, podOf, reportOf } from './pod-report.ts';
import { releaseJob } from './release-job.ts';
import type { Settings } from './settings.ts';
import { fail } from './verdict.ts';

/** Phase executing once the status names a Job. */
export interface Recorded {
  /** Null: gone, or not read because the status already says how it ended. */
  readonly job: KubernetesObject | null;
  readonly evidence: Evidence;
  /** Null: not looked at, because the Job may still act or has failed; or not readable, just when the Job's end is news or the phase is over. */
  readonly world: World | null;
}

/** The finalizer goes first: the status names this Job, so it need not be held any longer. */
export function decideRecorded(execution: KubernetesExecution, observed: Recorded, settings: Settings, now: Instant): Decision {
  const decision = judge(execution, observed, settings, now);
  return observed.job === null ? decision : { ...decision, effects: [...releaseJob(observed.job), ...decision.effects] };
}

function judge(execution: KubernetesExecution, { job, evidence, world }: Recorded, settings: Settings, now: Instant): Decision {
  const state = jobState(execution, job);
  switch (state.kind) {
    case 'running':
      return letRun(execution, job, state, now);
    case 'failed':
      return jobFailed(execution, job, { ...state, evidence }, now);
    case 'succeeded':
    case 'gone': {
      const admittance = admit(execution.spec, settings);
      if (admittance.kind === 'refused') return unverifiable(execution, state, admittance.message, now);
      if (world === null) return evidence.pods.some(podIsAlive) ? waitForPods(execution, now) : unreadable(execution, state, admittance.action, now);
      return decideOutcome(execution, { over: state, action: admittance.action, world, evidence }, now);
    }
  }
}

/** Its change wakes us; the timers are for a Job that does not end. It is never cut in the middle, by a cancel neither: its own deadline ends it. */
function letRun(execution: KubernetesExecution, job: KubernetesObject | null, { endsBy }: Extract<JobState, { kind: 'running' }>, now: Instant): Decision {
  const deadline = jobDeadline(execution, endsBy, now);
  const deletedAt = jobDeletedAt(deadline);
  if (!isPast(deadline, now)) return { ...nothing, wakeAfterSeconds: [untilSeconds(deadline, now)] };
  if (!isPast(deletedAt, now)) return { ...nothing, wakeAfterSeconds: [untilSeconds(deletedAt, now)] };
  return { effects: job === null ? [] : deletion(job), wakeAfterSeconds: [pastDeadlineSeconds(deletedAt, now)] };
}

/** Foreground: the Job's end is then the end of its pods too. */
function deletion(job: KubernetesObject): readonly DeleteResource[] {
  const { uid, deletionTimestamp } = job.metadata;
  if (uid === undefined || deletionTimestamp !== undefined) return [];
  return [{ kind: 'DeleteResource', ref: { ...keyOf(job), uid }, propagationPolicy: 'Foreground' }];
}

function jobFailed(
  execution: KubernetesExecution,
  job: KubernetesObject | null,
  { timedOut, evidence }: { readonly timedOut: boolean; readonly evidence: Evidence },
  now: Instant,
): Decision {
  const { exitCode, cause } = job === null ? noReport : reportOf(job, podOf(job, evidence.pods), evidence.events);
  const what = timedOut ? timeoutMessage : 'Execution job failed';
  const results = { ...(exitCode !== null && { exitCode }), ...outputOf(evidence) };
  const reason = timedOut ? 'execution_timeout' : 'execution_job_failed';
  return { effects: fail(execution, { reason, message: cause === null ? what : `${what}: ${cause}`, results }, now) };
}

function waitForPods(execution: KubernetesExecution, now: Instant): Decision {
  const wakeAfterSeconds = [healthTickSeconds];
  if (conditionOf(execution, 'JobFinished')?.reason === podsLeft.reason) return { ...nothing, wakeAfterSeconds };
  return { effects: [update(execution, {}, [podsLeft], now)], wakeAfterSeconds };
}

const podsLeft = {
  type: 'JobFinished',
  status: 'Unknown',
  reason: 'PodsLeft',
  message: 'the Job is gone, but a pod of it still runs: its end is awaited',
} as const;
