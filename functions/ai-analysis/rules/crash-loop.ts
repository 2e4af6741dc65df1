import type { PodContext } from '../../../shared/api/kubernetes-context.ts';
import type { Candidate } from '../answer.ts';
import type { Question } from '../provider.ts';
import type { Diagnosis } from './detector.ts';

const findingId = 'crash-loop';
const candidatesMax = 3;

/** Pods that crash for another reason than memory. */
export function crashLooping({ context }: Question): readonly PodContext[] {
  const pods = context?.pods?.worst ?? [];
  return pods.filter(({ waitingReason, lastTerminatedReason }) => waitingReason === 'CrashLoopBackOff' && lastTerminatedReason !== 'OOMKilled');
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
      evidence: crashing.slice(0, 10).map((pod) => ({
        ref: { apiVersion: 'v1', kind: 'Pod', name: pod.name, namespace, uid: pod.uid },
        field: `status.containerStatuses[${pod.container ?? ''}].state.waiting.reason`,
        text: `CrashLoopBackOff after ${pod.restarts} restarts, last exit code ${pod.lastExitCode ?? 'unknown'}`,
      })),
    },
    summary: 'A pod crashes again and again',
    rootCause: someAreWell ? 'The state of one pod, since others of its workload are well' : 'Unknown; every pod of the workload crashes',
    recommendation: 'Restart the pod, so that its controller makes a new one',
    candidates: crashing.slice(0, candidatesMax).map((pod) => restart(pod, namespace, someAreWell)),
  };
}

function restart({ name, restarts }: PodContext, namespace: string, someAreWell: boolean): Candidate {
  return {
    action: 'restart_pod',
    description: `Restart pod ${name}, which crashed ${restarts} times`,
    confidence: someAreWell ? 0.85 : 0.65,
    impact: someAreWell ? 'medium' : 'low',
    parameters: { namespace, pod: name },
    findings: [findingId],
  };
}
