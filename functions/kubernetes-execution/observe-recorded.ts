import type { BoundAction } from '../../shared/actions/action.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { getBound } from '../../shared/reconciler/bound.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import { admit } from '../../shared/planning/admittance.ts';
import { givenUpAt, phaseEndsAt } from './deadlines.ts';
import { noEvidence, readFailure, readOutput, readPods, type Evidence } from './evidence.ts';
import { endInStatus, endSeenAt, jobState } from './job-state.ts';
import { boundJob } from './lookup.ts';
import { readWorld } from './outcome.ts';
import { podIsAlive } from './pod-report.ts';
import type { Recorded } from './recorded.ts';
import type { Settings } from './settings.ts';

type Reader = Pick<ClusterReader, 'get' | 'list' | 'podLog'>;

/** The Job; and only what its state makes worth a request: its pod and log when it failed, the target when it can no longer act. */
export async function observeRecorded(execution: KubernetesExecution, ports: Reader, settings: Settings, now: Instant): Promise<Recorded> {
  const job = await readJobUnlessKnown(execution, ports);
  const { kind } = jobState(execution, job);
  const admittance = admit(execution.spec, settings);
  switch (kind) {
    case 'running':
      return { job, evidence: noEvidence, world: null };
    case 'failed': {
      const outcomeSeconds = admittance.kind === 'admitted' ? admittance.action.outcome.deadlineSeconds : 0;
      const isLate = isPast(phaseEndsAt(execution, outcomeSeconds, now), now);
      return { job, evidence: job === null ? noEvidence : await orWithout(isLate, readFailure(execution, job, ports), noEvidence), world: null };
    }
    case 'succeeded':
    case 'gone':
      if (admittance.kind === 'refused') return { job, evidence: noEvidence, world: null };
      return lookAfter({ execution, action: admittance.action, job }, ports, now);
  }
}

async function readJobUnlessKnown(execution: KubernetesExecution, ports: Reader): Promise<KubernetesObject | null> {
  const jobRef = execution.status?.jobRef;
  return jobRef === undefined || endInStatus(execution) !== null ? null : getBound(ports, boundJob(jobRef));
}

interface Ended {
  readonly execution: KubernetesExecution;
  readonly action: BoundAction;
  readonly job: KubernetesObject | null;
}

/** The first look goes without a target that it cannot read, for that the Job has ended is worth writing: from then on the look has a deadline. */
async function lookAfter(over: Ended, ports: Reader, now: Instant): Promise<Recorded> {
  const { execution, action, job } = over;
  const isFirst = endInStatus(execution) === null;
  const isLate = isPast(givenUpAt(execution, action.outcome.deadlineSeconds, endSeenAt(execution), now), now);
  const evidence = isFirst ? await orWithout(isLate, readLeft(over, ports), noEvidence) : noEvidence;
  if (evidence.pods.some(podIsAlive) && !isLate) return { job, evidence, world: null };
  return { job, evidence, world: await orWithout(isFirst || isLate, readWorld(execution, action, ports), null) };
}

/**
 * A Job that was deleted carelessly leaves its pod running for a while: no verdict is given while that may act, though not for ever. An action
 * that only looks was run for its output.
 */
async function readLeft({ execution, action, job }: Ended, ports: Reader): Promise<Evidence> {
  if (job === null) return { ...noEvidence, pods: await readPods(execution, ports) };
  return action.category === 'diagnostics' ? readOutput(execution, job, ports) : noEvidence;
}

/** Trouble with the cluster is thrown and retried, until the verdict must be given without. */
function orWithout<T>(mayGoWithout: boolean, read: Promise<T>, without: T): Promise<T> {
  return mayGoWithout ? read.catch(() => without) : read;
}
