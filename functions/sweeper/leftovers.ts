import { remediationRequestLabel, unrecordedFinalizer } from '../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { secondsBetween, type Instant } from '../../shared/api/time.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import { instantAt, isLive, phaseOf } from './read.ts';
import type { World } from './world.ts';

const resolvedMemorySeconds = 1_209_600; // 14 days: no dead letter can bring a firing after that

/** Requests whose retention is over. Their children and Jobs go by owner. */
export function expiredRequests({ resources }: Pick<World, 'resources'>, now: Instant): readonly KubernetesObject[] {
  return resources.filter((object) => {
    const cleanup = instantAt(object, 'status', 'cleanupScheduledAt');
    const isOver = object.kind === 'RemediationRequest' && !isLive(object) && object.metadata.deletionTimestamp === undefined;
    return isOver && cleanup !== null && secondsBetween(cleanup, now) >= 0;
  });
}

/** Remediated as far as we can tell, and yet the alert still fires at the end of its window. */
export function inconclusiveRequests({ resources }: Pick<World, 'resources'>, windowSeconds: number, now: Instant): readonly KubernetesObject[] {
  return resources.filter((object) => isInconclusive(object, windowSeconds, now));
}

export function isInconclusive(object: KubernetesObject, windowSeconds: number, now: Instant): boolean {
  const completed = instantAt(object, 'status', 'completionTime');
  const isOpen =
    object.kind === 'RemediationRequest' &&
    phaseOf(object) === 'completed' &&
    valueAt(object, 'status', 'outcome') === undefined &&
    valueAt(object, 'status', 'workflowResults', 'success') === true &&
    stringAt(object, 'status', 'alertStatus', 'state') !== 'resolved';
  return isOpen && completed !== null && secondsBetween(completed, now) >= windowSeconds;
}

/**
 * Locks that outlived their use: the holder is gone, or over with no live workflow. And memories of resolutions that are too old to matter. Where
 * not everything was listed, a holder that is missing may still hold: then locks stay.
 */
export function strayLeases(world: Pick<World, 'leases' | 'resources' | 'isComplete'>, now: Instant): readonly KubernetesObject[] {
  return world.leases.filter((lease) => {
    if (lease.metadata.name.startsWith('resolved-'))
      return secondsBetween(instantAt(lease, 'metadata', 'creationTimestamp') ?? now, now) >= resolvedMemorySeconds;
    return lease.metadata.name.startsWith('target-') && world.isComplete && isStray(lease, world.resources);
  });
}

function isStray(lease: KubernetesObject, resources: readonly KubernetesObject[]): boolean {
  const holderUid = stringAt(lease, 'spec', 'holderIdentity');
  const holder = resources.find(({ metadata }) => metadata.uid === holderUid);
  if (holder === undefined) return !hasLiveWorkflow(resources, lease.metadata.labels?.[remediationRequestLabel]);
  return !isLive(holder) && !hasLiveWorkflow(resources, holder.metadata.name);
}

/** Jobs that still wait to be recorded by an execution that is gone. */
export function unclaimedJobs({ jobs, resources, isComplete }: Pick<World, 'jobs' | 'resources' | 'isComplete'>): readonly KubernetesObject[] {
  if (!isComplete) return [];
  const uids = new Set(resources.map(({ metadata }) => metadata.uid));
  return jobs.filter((job) => isUnrecorded(job) && !uids.has(controllerOf(job)?.uid));
}

export function isUnrecorded({ metadata }: KubernetesObject): boolean {
  return metadata.finalizers?.includes(unrecordedFinalizer) === true;
}

function hasLiveWorkflow(resources: readonly KubernetesObject[], requestName: string | undefined): boolean {
  return resources.some((object) => object.kind === 'WorkflowExecution' && object.metadata.labels?.[remediationRequestLabel] === requestName && isLive(object));
}
