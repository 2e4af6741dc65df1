import { ownerReferenceTo, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { addSeconds, latest, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import type { Moment } from './controller.ts';
import type { Tally } from './job-tally.ts';
import { verdictConditions, type Verdict } from './job-verdict.ts';
import { jobNameLabel, jobUidLabel, trackingFinalizer, type Job } from './job.ts';
import { podKind, type Pod } from './pod.ts';
import { randomName } from './random-name.ts';
import { keyOf, regarding } from './stored-object.ts';
import { holds, type WantedCondition } from './workload-condition.ts';
import type { Write } from './write.ts';

/** What a pass does to the Job's pods, and what its status is to say of it. */
export interface Steps {
  /** Pods that are made. */
  readonly before: readonly Write[];
  readonly created: number;
  readonly conditions: readonly WantedCondition[];
  readonly startTime: Instant | undefined;
  /** Pods that are ended, once the status says why: else their end would look like a failure of their own. Events, after the status that they speak of. */
  readonly after: readonly Write[];
  readonly againAfterSeconds?: number;
}

/** No pod runs, and the deadline stands still. The pods that this ends are no failures: they are let go uncounted. */
export function suspend(job: Job, tally: Tally): Steps {
  return {
    before: [],
    created: 0,
    conditions: [{ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }],
    startTime: undefined,
    after: [
      ...tally.active.flatMap((pod) => [release(pod), ...deletePod(job, pod)]),
      ...(isSuspended(job) ? [] : [tell(job, 'Normal', 'Suspended', 'Job suspended')]),
    ],
  };
}

export function run(job: Job, tally: Tally, pods: readonly Pod[], moment: Moment): Steps {
  const missing = Math.min(job.spec.parallelism, job.spec.completions - tally.succeeded) - tally.active.length;
  const mayCreate = missing > 0 && job.metadata.deletionTimestamp === undefined;
  const pause = mayCreate ? pauseSeconds(tally, pods, moment.now) : 0;
  const created = mayCreate && pause === 0 ? missing : 0;
  const resumed = isSuspended(job);
  return {
    before: Array.from({ length: created }, () => createPod(job, moment)).flat(),
    created,
    conditions: resumed ? [{ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }] : [],
    startTime: job.status.startTime ?? moment.now,
    after: resumed ? [tell(job, 'Normal', 'Resumed', 'Job resumed')] : [],
    ...(pause > 0 && { againAfterSeconds: pause }),
  };
}

export function end(job: Job, tally: Tally, verdict: Verdict): Steps {
  const uncounted = tally.uncounted.succeeded.length + tally.uncounted.failed.length;
  const nothingRuns = tally.active.length + tally.terminating + uncounted === 0;
  const told = verdict.kind === 'complete' ? tell(job, 'Normal', 'Completed', 'Job completed') : tell(job, 'Warning', verdict.reason, verdict.message);
  return {
    before: [],
    created: 0,
    conditions: verdictConditions(verdict, nothingRuns),
    startTime: job.status.startTime,
    after: nothingRuns ? [told] : tally.active.flatMap((pod) => deletePod(job, pod)),
  };
}

export function release(pod: Pod): Write {
  const finalizers = pod.metadata.finalizers.filter((finalizer) => finalizer !== trackingFinalizer);
  return { kind: 'PatchObject', key: keyOf(pod), resourceVersion: pod.metadata.resourceVersion, patch: { metadata: { finalizers } } };
}

export function tell(job: Job, type: 'Normal' | 'Warning', reason: string, message: string): Write {
  return { kind: 'TellEvent', type, reason, message, regarding: regarding(job) };
}

function isSuspended({ status }: Job): boolean {
  return holds(status.conditions ?? [], 'Suspended');
}

const pauseBaseSeconds = 10; // doubled for each failed pod, as the real controller does
const pauseMaxSeconds = 600;

/** How long the next pod is still to wait since the last one failed. */
function pauseSeconds({ failed }: Tally, pods: readonly Pod[], now: Instant): number {
  const ends = pods.flatMap(({ status }) => status.containerStatuses.map(({ state }) => state.terminated?.finishedAt)).filter((time) => time !== undefined);
  if (failed === 0 || ends.length === 0) return 0;
  const pause = Math.min(pauseBaseSeconds * 2 ** (failed - 1), pauseMaxSeconds);
  return Math.max(0, secondsBetween(now, addSeconds(ends.reduce(latest), pause)));
}

function createPod(job: Job, { random }: Moment): readonly Write[] {
  const { metadata, spec } = job.spec.template;
  const { name, namespace, uid } = job.metadata;
  const object: KubernetesObject = {
    ...podKind,
    metadata: {
      ...named(`${name}-`, random),
      namespace,
      labels: { ...metadata.labels, [jobUidLabel]: uid, [jobNameLabel]: name, 'controller-uid': uid, 'job-name': name },
      ...(Object.keys(metadata.annotations).length > 0 && { annotations: metadata.annotations }),
      finalizers: [trackingFinalizer],
      ownerReferences: [ownerReferenceTo(job)],
    },
    spec,
  };
  return [{ kind: 'CreateObject', object }, tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${object.metadata.name}`)];
}

/** A name of this prefix, told as one that was made up. */
function named(generateName: string, random: () => number): { readonly name: string; readonly generateName: string } {
  return { name: randomName(generateName, random), generateName };
}

function deletePod(job: Job, pod: Pod): readonly Write[] {
  return [{ kind: 'DeleteObject', key: keyOf(pod), uid: pod.metadata.uid }, tell(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)];
}
