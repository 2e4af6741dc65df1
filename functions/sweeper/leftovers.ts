import { remediationRequestLabel, unrecordedFinalizer } from '../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { secondsBetween, type Instant } from '../../shared/api/time.ts';
import { statusOf } from './read.ts';
import type { World } from './world.ts';

const perRunMax = 200; // each is a request of its own: the run must end before its minute does
const resolvedMemorySeconds = 1_209_600; // 14 days: no dead letter can bring a firing after that

/** Requests whose retention is over. Their children and Jobs go by owner. */
export function expiredRequests({ resources }: World, now: Instant): readonly KubernetesObject[] {
  const expired = resources.filter((object) => {
    const { phase, cleanupScheduledAt } = statusOf(object);
    return object.kind === 'RemediationRequest' && isTerminal(phase) && cleanupScheduledAt !== undefined && secondsBetween(cleanupScheduledAt, now) >= 0;
  });
  return expired.slice(0, perRunMax);
}

/** Remediated as far as we can tell, and yet the alert still fires at the end of its window. */
export function inconclusiveRequests({ resources }: World, windowSeconds: number, now: Instant): readonly KubernetesObject[] {
  const inconclusive = resources.filter((object) => {
    const { phase, outcome, workflowResults, completionTime, alertStatus } = statusOf(object);
    const isOpen = object.kind === 'RemediationRequest' && phase === 'completed' && outcome === undefined && workflowResults?.success === true;
    return isOpen && completionTime !== undefined && alertStatus?.state !== 'resolved' && secondsBetween(completionTime, now) >= windowSeconds;
  });
  return inconclusive.slice(0, perRunMax);
}

/** Locks that outlived their use: the holder is gone, or over with no live workflow. And memories of resolutions that are too old to matter. */
export function strayLeases({ leases, resources }: World, now: Instant): readonly KubernetesObject[] {
  const stray = leases.filter((lease) => {
    if (lease.metadata.name.startsWith('resolved-')) return secondsBetween(lease.metadata.creationTimestamp ?? now, now) >= resolvedMemorySeconds;
    if (!lease.metadata.name.startsWith('target-')) return false;
    const holderUid = (lease['spec'] as { readonly holderIdentity?: string } | undefined)?.holderIdentity;
    const holder = resources.find(({ metadata }) => metadata.uid === holderUid);
    if (holder === undefined) return !hasLiveWorkflow(resources, lease.metadata.labels?.[remediationRequestLabel]);
    return isTerminal(statusOf(holder).phase) && !hasLiveWorkflow(resources, holder.metadata.name);
  });
  return stray.slice(0, perRunMax);
}

/** Jobs that still wait to be recorded by an execution that is gone. */
export function unclaimedJobs({ jobs, resources }: World): readonly KubernetesObject[] {
  const uids = new Set(resources.map(({ metadata }) => metadata.uid));
  const unclaimed = jobs.filter((job) => job.metadata.finalizers?.includes(unrecordedFinalizer) === true && !uids.has(controllerOf(job)?.uid));
  return unclaimed.slice(0, perRunMax);
}

function hasLiveWorkflow(resources: readonly KubernetesObject[], requestName: string | undefined): boolean {
  return resources.some(
    (object) => object.kind === 'WorkflowExecution' && object.metadata.labels?.[remediationRequestLabel] === requestName && !isTerminal(statusOf(object).phase),
  );
}
