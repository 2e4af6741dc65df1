import { addSeconds, isAfter, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import { leewayOf, type Deployment } from './deployment.ts';
import type { Generations } from './deployment-history.ts';
import { sizeOf } from './deployment-scaling.ts';
import type { ReplicaSet } from './replica-set.ts';
import { conditionOf, withCondition, type WantedCondition, type WorkloadCondition } from './workload-condition.ts';

type DeploymentStatus = Deployment['status'];

/** What this pass did, as far as the conditions tell it. */
export type Step = { readonly kind: 'created'; readonly replicaSet: string } | { readonly kind: 'rolling' } | { readonly kind: 'scaling' };

interface Counts {
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly unavailable: number;
}

export function statusOf(deployment: Deployment, generations: Generations, step: Step, now: Instant): DeploymentStatus {
  const counts = countsOf(generations);
  const { replicas, updated, ready, available, unavailable } = counts;
  const conditions = [availability(deployment, counts), ...pause(deployment)].reduce(
    (kept, wanted) => withCondition(kept, wanted, now, 'lastUpdateTime'),
    withFailure(deployment.status.conditions ?? [], generations),
  );
  return {
    ...deployment.status,
    observedGeneration: deployment.metadata.generation,
    replicas: replicas || undefined, // the API leaves a zero out
    updatedReplicas: updated || undefined,
    readyReplicas: ready || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: unavailable || undefined,
    conditions: [...withProgress({ deployment, generations, counts, now }, conditions, step)],
  };
}

/** Seconds until the rollout has missed its deadline, which nothing but time will tell. */
export function secondsUntilTimeout(deployment: Deployment, { conditions = [] }: DeploymentStatus, now: Instant): number | undefined {
  const progress = conditionOf(conditions, 'Progressing');
  if (progress === undefined || ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded', 'DeploymentPaused'].includes(progress.reason ?? '')) return undefined;
  return Math.max(1, secondsBetween(now, timeoutOf(deployment, progress)) + 1);
}

export function isComplete(deployment: Deployment, generations: Generations): boolean {
  return complete(deployment, countsOf(generations));
}

function complete({ spec: { replicas } }: Deployment, counts: Counts): boolean {
  return counts.updated === replicas && counts.replicas === replicas && counts.available === replicas;
}

function countsOf({ current, old }: Generations): Counts {
  const all = current === undefined ? old : [...old, current];
  const sum = (count: (replicaSet: ReplicaSet) => number | undefined): number => all.reduce((total, replicaSet) => total + (count(replicaSet) ?? 0), 0);
  const available = sum(({ status }) => status.availableReplicas);
  return {
    replicas: sum(({ status }) => status.replicas),
    updated: current?.status.replicas ?? 0,
    ready: sum(({ status }) => status.readyReplicas),
    available,
    unavailable: Math.max(0, sizeOf(all) - available),
  };
}

function availability(deployment: Deployment, { available }: Counts): WantedCondition {
  return available >= deployment.spec.replicas - leewayOf(deployment).unavailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
}

function pause({ spec: { paused }, status }: Deployment): readonly WantedCondition[] {
  const wasPaused = conditionOf(status.conditions ?? [], 'Progressing')?.reason === 'DeploymentPaused';
  if (paused) return [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }];
  return wasPaused ? [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }] : [];
}

/** A ReplicaSet that may not create pods (quota, admission) says so on the Deployment too. */
function withFailure(conditions: readonly WorkloadCondition[], { current, old }: Generations): readonly WorkloadCondition[] {
  const failures = [current, ...old].map((replicaSet) => conditionOf(replicaSet?.status.conditions ?? [], 'ReplicaFailure'));
  const failure = failures.find((condition) => condition?.status === 'True');
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  return failure === undefined ? others : [...others, failure];
}

interface Rollout {
  readonly deployment: Deployment;
  readonly generations: Generations;
  readonly counts: Counts;
  readonly now: Instant;
}

function withProgress(rollout: Rollout, conditions: readonly WorkloadCondition[], step: Step): readonly WorkloadCondition[] {
  const { deployment, generations, counts, now } = rollout;
  const progress = conditionOf(conditions, 'Progressing');
  const set = (status: 'True' | 'False', reason: string, message: string): readonly WorkloadCondition[] =>
    withCondition(conditions, { type: 'Progressing', status, reason, message }, now, 'lastUpdateTime');
  const name = generations.current?.metadata.name ?? '';
  if (step.kind === 'created') return set('True', 'NewReplicaSetCreated', `Created new replica set "${step.replicaSet}"`);
  if (step.kind === 'scaling') return conditions;
  if (progress === undefined) return set('True', 'FoundNewReplicaSet', `Found new replica set "${name}"`);
  if (progress.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updated) return conditions;
  if (complete(deployment, counts)) return set('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`);
  if (progressed(deployment, counts)) return refreshed(set('True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`), now);
  const timedOut = progress.reason !== 'NewReplicaSetAvailable' && isAfter(now, timeoutOf(deployment, progress));
  return timedOut ? set('False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`) : conditions;
}

/** Something moved since the last status: the deadline starts anew. */
function progressed({ status }: Deployment, counts: Counts): boolean {
  const oldBefore = (numberOf(status['replicas']) ?? 0) - (status.updatedReplicas ?? 0);
  return (
    counts.updated > (status.updatedReplicas ?? 0) ||
    counts.replicas - counts.updated < oldBefore ||
    counts.ready > (status.readyReplicas ?? 0) ||
    counts.available > (status.availableReplicas ?? 0)
  );
}

function refreshed(conditions: readonly WorkloadCondition[], now: Instant): readonly WorkloadCondition[] {
  return conditions.map((condition) => (condition.type === 'Progressing' ? { ...condition, lastUpdateTime: now } : condition));
}

function timeoutOf({ spec }: Deployment, progress: WorkloadCondition): Instant {
  const updated = progress['lastUpdateTime'];
  return addSeconds(typeof updated === 'string' ? updated : (progress.lastTransitionTime ?? '1970-01-01T00:00:00Z'), spec.progressDeadlineSeconds);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
