import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { ownKey, type ControlDecision, type Controller, type ControllerKey } from './controller.ts';
import { end, release, run, suspend, tell, type Steps } from './job-steps.ts';
import { isTracked, tallyOf, type Tally } from './job-tally.ts';
import { secondsUntilDeadline, verdictOf } from './job-verdict.ts';
import { isEnded, jobKind, jobNameLabel, jobSchema, type Job } from './job.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { podKind, podSchema, type Pod } from './pod.ts';
import { isControlledBy, keyOf, readObject, readObjects } from './stored-object.ts';
import { holds, withCondition, type WorkloadCondition } from './workload-condition.ts';
import type { Write } from './write.ts';

export interface Observed {
  /** Null: it is gone, and only its pods may be left. */
  readonly job: Job | null;
  readonly pods: readonly Pod[];
}

/** Runs a Job's pods to their end and counts them. */
export const jobController: Controller<Observed> = {
  name: 'job-controller',
  watched: [
    { kind: jobKind, keysOf: ownKey },
    { kind: podKind, keysOf: jobOfPod },
  ],

  async observe(client, key) {
    const found = await client.get({ ...jobKind, ...key });
    const job = found && readObject(jobSchema, found);
    const labelSelector = `${jobNameLabel}=${key.name}`;
    const named = readObjects(podSchema, (await client.list(podKind, { namespace: key.namespace, labelSelector })).items);
    return { job, pods: job === null ? named : named.filter((pod) => isControlledBy(pod, job)) };
  },

  decide({ job, pods }, moment): ControlDecision {
    if (job === null || isEnded(job)) return { writes: pods.filter(isTracked).map(release) };
    const tally = tallyOf(job, pods);
    const verdict = verdictOf(job, tally, moment.now);
    const steps = verdict === null ? (job.spec.suspend ? suspend(job, tally) : run(job, tally, pods, moment)) : end(job, tally, verdict);
    const status = statusOf(job, tally, steps, moment.now);
    const writes = [...steps.before, ...statusWrite(job, status), ...tally.toRelease.map(release), ...steps.after];
    const waits = [steps.againAfterSeconds, secondsUntilDeadline({ spec: job.spec, status }, moment.now)].filter((seconds) => seconds !== undefined);
    return { writes, ...(verdict === null && waits.length > 0 && { againAfterSeconds: Math.min(...waits) }) };
  },

  refused: ({ job }, message) => (job === null ? [] : [tell(job, 'Warning', 'FailedCreate', `Error creating: ${message}`)]),
};

function statusOf(job: Job, tally: Tally, steps: Steps, now: Instant): Job['status'] {
  const before: readonly WorkloadCondition[] = job.status.conditions ?? [];
  const conditions = steps.conditions.reduce((kept, wanted) => withCondition(kept, wanted, now, 'lastProbeTime'), before);
  return {
    ...job.status,
    startTime: steps.startTime,
    ...(holds(conditions, 'Complete') && { completionTime: now }),
    active: tally.active.length + steps.created || undefined, // the API leaves these three out when they are zero
    succeeded: tally.settled.succeeded || undefined,
    failed: tally.settled.failed || undefined,
    ready: tally.ready,
    terminating: tally.terminating,
    uncountedTerminatedPods: { succeeded: listed(tally.uncounted.succeeded), failed: listed(tally.uncounted.failed) },
    conditions: conditions.length === 0 ? undefined : [...conditions],
  };
}

function listed(uids: readonly string[]): string[] | undefined {
  return uids.length === 0 ? undefined : [...uids];
}

function statusWrite(job: Job, status: Job['status']): readonly Write[] {
  const change = mergePatchBetween(job.status as JsonObject, status as JsonObject);
  if (change === null) return [];
  return [{ kind: 'PatchObject', key: keyOf(job), resourceVersion: job.metadata.resourceVersion, subresource: 'status', patch: { status: change } }];
}

/** By the label, since a pod may outlive its Job and then still wants its finalizer taken off. */
function jobOfPod({ metadata }: KubernetesObject): readonly ControllerKey[] {
  const name = metadata.labels?.[jobNameLabel];
  return name === undefined ? [] : [{ namespace: metadata.namespace ?? '', name }];
}
