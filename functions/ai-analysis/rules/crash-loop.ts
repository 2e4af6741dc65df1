import type { Evidence } from '../../../shared/api/investigation.ts';
import type { PodContext } from '../../../shared/api/kubernetes-context.ts';
import { counted } from '../../../shared/api/text.ts';
import type { Candidate } from '../answer.ts';
import type { Question } from '../provider.ts';
import type { Diagnosis } from './detector.ts';

const findingId = 'crash-loop';
const candidatesMax = 3;
const evidenceMax = 10;

const backOff = 'CrashLoopBackOff';
const restartsMin = 2; // a container that ended once may have had its reason

/** Pods that crash for another reason than memory. Between two back-offs a container runs for a moment, or has just ended: the loop is the same. */
export function crashLooping({ context }: Question): readonly PodContext[] {
  const pods = context?.pods?.worst ?? [];
  return pods.filter((pod) => pod.lastTerminatedReason !== 'OOMKilled' && (pod.waitingReason === backOff || isBetweenBackOffs(pod)));
}

function isBetweenBackOffs({ ready, restarts, waitingReason, lastTerminatedReason }: PodContext): boolean {
  return !ready && restarts >= restartsMin && waitingReason === undefined && lastTerminatedReason !== undefined;
}

/** Some pods crash while others of the same workload are well: what is wrong is in the pod, and a new one may not have it. */
export function crashLoop(question: Question): Diagnosis | null {
  const { spec, context } = question;
  const crashing = crashLooping(question);
  const { total = 0, ready = 0 } = context?.pods ?? {};
  const namespace = spec.target.namespace;
  if (crashing.length === 0 || namespace === undefined) return null;
  const someAreWell = ready > 0;
  return {
    finding: {
      id: findingId,
      detector: 'crash-loop-back-off',
      severity: spec.alertContext.severity,
      confidence: someAreWell ? 0.85 : 0.65,
      summary: `${crashing.length} of ${total} pods crash again and again, ${ready} are ready`,
      evidence: crashing.slice(0, evidenceMax).map((pod) => evidenceOf(pod, namespace)),
    },
    summary: 'A pod crashes again and again',
    rootCause: someAreWell ? 'The state of one pod, since others of its workload are well' : 'Unknown; every pod of the workload crashes',
    recommendation: 'Restart the pod, so that its controller makes a new one',
    candidates: crashing.slice(0, candidatesMax).map((pod) => restart(pod, namespace, someAreWell)),
  };
}

function evidenceOf({ name, uid, container = '', waitingReason, lastTerminatedReason = '', restarts, lastExitCode }: PodContext, namespace: string): Evidence {
  const [state, reason] = waitingReason === undefined ? ['lastState.terminated', lastTerminatedReason] : ['state.waiting', waitingReason];
  return {
    ref: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    field: `status.containerStatuses[${container}].${state}.reason`,
    text: `${reason} after ${counted(restarts, 'restart')}, last exit code ${lastExitCode ?? 'unknown'}`,
  };
}

function restart({ name, restarts }: PodContext, namespace: string, someAreWell: boolean): Candidate {
  return {
    action: 'restart_pod',
    description: `Restart pod ${name}, which crashed ${counted(restarts, 'time')}`,
    confidence: someAreWell ? 0.85 : 0.65,
    impact: someAreWell ? 'medium' : 'low',
    parameters: { namespace, pod: name },
    findings: [findingId],
  };
}
