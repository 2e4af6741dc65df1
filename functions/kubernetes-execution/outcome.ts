import type { BoundAction, Verdict } from '../../shared/actions/action.ts';
import { targetBefore } from '../../shared/actions/target-before.ts';
import { upperCamel } from '../../shared/api/condition.ts';
import type { ExecutionFailure, KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import { nothing, type Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { isPast, untilSeconds } from '../../shared/reconciler/wait.ts';
import { conditionOf } from './conditions.ts';
import { givenUpAt, healthEndsAt, healthTickSeconds, jobDeadline, jobDeletedAt } from './deadlines.ts';
import { timeoutMessage } from './end-without-job.ts';
import { outputOf, type Evidence } from './evidence.ts';
import { endInStatus, endSeenAt, finishedCondition, type Over } from './job-state.ts';
import { told } from './told.ts';
import { complete, fail, type Failure } from './verdict.ts';

/** The objects of the outcome check, in its order; null where absent. */
export type World = readonly (KubernetesObject | null)[];

export interface Outcome {
  readonly over: Over;
  readonly action: BoundAction;
  readonly world: World;
  readonly evidence: Evidence;
}

export function readWorld(execution: KubernetesExecution, action: BoundAction, ports: Pick<ClusterReader, 'get'>): Promise<World> {
  return Promise.all(action.outcome.reads(targetBefore(execution, action)).map((key) => ports.get(key)));
}

/** The Job is over: did the world become what was wanted? A Job that succeeded proves nothing, and one that is gone refutes nothing. */
export function decideOutcome(execution: KubernetesExecution, outcome: Outcome, now: Instant): Decision {
  const verdict = outcome.action.outcome.judge(targetBefore(execution, outcome.action), outcome.world);
  switch (verdict.kind) {
    case 'ok':
      return verified(execution, outcome, verdict, now);
    case 'failed':
      return refuted(execution, outcome, { reason: 'outcome_validation_failed', message: verdict.message }, now);
    case 'waiting':
      return notYetHealthy(execution, outcome, verdict, now);
  }
}

/** An action that this version does not know any more can be judged by nobody. */
export function unverifiable(execution: KubernetesExecution, over: Over, why: string, now: Instant): Decision {
  const message = `the outcome cannot be verified: ${why}`;
  return { effects: fail(execution, { reason: 'outcome_validation_failed', message, conditions: [finishedCondition(over)] }, now) };
}

/** Written once: from the end of the Job on, the look at its target has a deadline of its own. */
export function unreadable(execution: KubernetesExecution, over: Over, action: BoundAction, now: Instant): Decision {
  const said = 'the Job is over, but its target cannot be read';
  const endedAt = endSeenAt(execution);
  const conditions = [finishedCondition(over), { type: 'OutcomeVerified', status: 'Unknown', reason: 'Unreadable', message: said } as const];
  if (endedAt === null) return { effects: [update(execution, {}, conditions, now)], wakeAfterSeconds: [healthTickSeconds] };
  const until = givenUpAt(execution, action.outcome.deadlineSeconds, endedAt, now);
  if (!isPast(until, now)) return { ...nothing, wakeAfterSeconds: [Math.min(healthTickSeconds, untilSeconds(until, now))] };
  return { effects: fail(execution, { reason: 'execution_timeout', message: `${timeoutMessage}: ${said}`, conditions: [finishedCondition(over)] }, now) };
}

function verified(execution: KubernetesExecution, { over, action, evidence }: Outcome, { message: seen }: Verdict, now: Instant): Decision {
  const success = action.success();
  const message = over.kind === 'gone' ? `${success}; its Job is gone, so the cluster itself was asked` : success;
  const results = { validationResult: seen, ...outputOf(evidence), ...(over.kind === 'succeeded' && { exitCode: 0 }) };
  return {
    effects: [told({ type: 'execution.outcome', message: seen }), ...complete(execution, { message, results, conditions: [finishedCondition(over)] }, now)],
  };
}

interface Refutation {
  readonly reason: Extract<ExecutionFailure, 'outcome_validation_failed' | 'health_check_failed'>;
  readonly message: string;
}

function refuted(execution: KubernetesExecution, { over, evidence }: Outcome, { reason, message }: Refutation, now: Instant): Decision {
  const failure = over.kind === 'succeeded' ? { reason, message } : withoutJob(execution, message, now);
  const settled = { type: 'OutcomeVerified', status: 'False', reason: upperCamel(failure.reason), message } as const;
  const results = { ...outputOf(evidence), ...(over.kind === 'succeeded' && { exitCode: 0 }) };
  return {
    effects: [
      told({ type: 'execution.outcome', reason: failure.reason, message }),
      ...fail(execution, { ...failure, results, conditions: [finishedCondition(over), settled] }, now),
    ],
  };
}

/** Whatever its check says, an execution whose Job nobody saw end names that first: an operator has to find out who took the Job away. */
function withoutJob(execution: KubernetesExecution, message: string, now: Instant): Pick<Failure, 'reason' | 'message'> {
  const isOurDoing = isPast(jobDeletedAt(jobDeadline(execution, null, now)), now);
  if (isOurDoing) return { reason: 'execution_timeout', message: `${timeoutMessage}: ${message}` };
  return { reason: 'job_missing', message: `the Job is gone, and what it was to bring about is not there: ${message}` };
}

const waitingReason = 'Waiting';

/** What waits is written once; a tick that finds nothing new writes nothing. A cancel ends the wait, but no verdict that the world has given. */
function notYetHealthy(execution: KubernetesExecution, outcome: Outcome, { message }: Verdict, now: Instant): Decision {
  const { over, action } = outcome;
  if (isCancelRequested(execution)) {
    return {
      effects: fail(
        execution,
        { reason: 'cancelled', message: `cancelled while it waited for health: ${message}`, conditions: [finishedCondition(over)] },
        now,
      ),
    };
  }
  const until = healthEndsAt(execution, action.outcome.deadlineSeconds, endSeenAt(execution) ?? now, now);
  if (isPast(until, now)) return refuted(execution, outcome, { reason: 'health_check_failed', message }, now);
  const wakeAfterSeconds = [Math.min(healthTickSeconds, untilSeconds(until, now))];
  const isSaid = endInStatus(execution) !== null && conditionOf(execution, 'OutcomeVerified')?.reason === waitingReason;
  if (isSaid) return { ...nothing, wakeAfterSeconds };
  const waiting = {
    type: 'OutcomeVerified',
    status: 'Unknown',
    reason: waitingReason,
    message: `not yet healthy: looked at every ${healthTickSeconds}s until ${until}`,
  } as const;
  return { effects: [update(execution, {}, [finishedCondition(over), waiting], now)], wakeAfterSeconds };
}
