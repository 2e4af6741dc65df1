import type { BoundAction } from '../../shared/actions/action.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { getBound } from '../../shared/reconciler/bound.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import { admit } from './admittance.ts';
import { phaseEndsAt } from './deadlines.ts';
import { noEvidence, readFailure, readOutput, readPods, type Evidence } from './evidence.ts';
import { endInStatus, jobState } from './job-state.ts';
import { boundJob } from './lookup.ts';
import { readWorld, type World } from './outcome.ts';
import { podIsAlive } from './pod-report.ts';
import type { Recorded } from './recorded.ts';
import type { Settings } from './settings.ts';

type Reader = Pick<ClusterReader, 'get' | 'list' | 'podLog'>;

/** The Job; and only what its state makes worth a request: its pod and log when it failed, the target when it can no longer act. */
export async function observeRecorded(execution: KubernetesExecution, ports: Reader, settings: Settings, now: Instant): Promise<Recorded> {
  const job = await readJobUnlessKnown(execution, ports);
  const { kind } = jobState(execution, job);
  switch (kind) {
    case 'running':
      return { job, evidence: noEvidence, world: null };
    case 'failed':
      return { job, evidence: job === null ? noEvidence : await readFailure(execution, job, ports), world: null };
    case 'succeeded':
    case 'gone': {
      const admittance = admit(execution.spec, settings);
      if (admittance.kind === 'refused') return { job, evidence: noEvidence, world: null };
      return lookAfter({ execution, action: admittance.action, job }, ports, now);
    }
  }
}

async function readJobUnlessKnown(execution: KubernetesExecution, ports: Reader): Promise<KubernetesObject | null> {
  const jobRef = execution.status?.jobRef;
  return jobRef === undefined || endInStatus(execution) !== null ? null : getBound(ports, boundJob(jobRef));
}

interface Over {
  readonly execution: KubernetesExecution;
  readonly action: BoundAction;
  readonly job: KubernetesObject | null;
}

async function lookAfter(over: Over, ports: Reader, now: Instant): Promise<Recorded> {
  const { execution, action, job } = over;
  if (endInStatus(execution) !== null) return { job, evidence: noEvidence, world: await readWorld(execution, action, ports) };
  const evidence = await readLeft(over, ports);
  const isDisturbed = evidence.pods.some(podIsAlive) && !isPast(phaseEndsAt(execution, action.outcome.deadlineSeconds, now), now);
  return { job, evidence, world: isDisturbed ? null : await readWorldIfPossible(execution, action, ports) };
}

/**
 * That the Job has ended is worth writing even when the target cannot be read: from then on the phase has a deadline. The next pass meets the
 * same trouble, and throws it.
 */
async function readWorldIfPossible(execution: KubernetesExecution, action: BoundAction, ports: Reader): Promise<World | null> {
  try {
    return await readWorld(execution, action, ports);
  } catch {
    return null;
  }
}

/**
 * A Job that was deleted carelessly leaves its pod running for a while: no verdict is given while that may act, though not for ever. An action
 * that only looks was run for its output.
 */
async function readLeft({ execution, action, job }: Over, ports: Reader): Promise<Evidence> {
  if (job === null) return { ...noEvidence, pods: await readPods(execution, ports) };
  return action.category === 'diagnostics' ? readOutput(execution, job, ports) : noEvidence;
}
