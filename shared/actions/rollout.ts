import type { KubernetesObject } from '../api/object-ref.ts';
import { numberAt, stringAt, valueAt } from '../kubernetes/unstructured.ts';
import { described, statusIsStale, wantedPods } from './workload.ts';

export interface Rollout {
  readonly complete: boolean;
  /** What there is, or what is still waited for: "2 of 3 replicas updated". */
  readonly progress: string;
}

/** Whether the controller has brought every pod to the present template, judged as `kubectl rollout status` does. */
export function judgeRollout(workload: KubernetesObject): Rollout {
  if (statusIsStale(workload)) return waiting(`the controller of ${described(workload)} has not observed the change yet`);
  switch (workload.kind) {
    case 'StatefulSet':
      return statefulSet(workload);
    case 'DaemonSet':
      return daemonSet(workload);
    default:
      return deployment(workload);
  }
}

/** Why a change of the template would not reach the pods; null when it would. */
export function rolloutIsHeld(workload: KubernetesObject): string | null {
  if (valueAt(workload, 'spec', 'paused') === true) return `${described(workload)} is paused: resume its rollout first`;
  if (stringAt(workload, 'spec', 'updateStrategy', 'type') !== 'OnDelete') return null;
  return `${described(workload)} has update strategy OnDelete: a change would reach no pod before it is deleted by hand`;
}

function deployment(workload: KubernetesObject): Rollout {
  const wanted = wantedPods(workload);
  const updated = status(workload, 'updatedReplicas');
  const old = status(workload, 'replicas') - updated;
  if (updated < wanted) return waiting(`${updated} of ${wanted} replicas updated`);
  if (old > 0) return waiting(`${old} old ${old === 1 ? 'replica' : 'replicas'} still to end`);
  return available(status(workload, 'availableReplicas'), wanted);
}

function statefulSet(workload: KubernetesObject): Rollout {
  const wanted = wantedPods(workload);
  const partition = numberAt(workload, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const toUpdate = Math.max(0, wanted - partition); // replicas below the partition keep the old template on purpose
  const updated = status(workload, 'updatedReplicas');
  if (updated < toUpdate) return waiting(`${updated} of ${toUpdate} replicas updated`);
  return available(status(workload, 'readyReplicas'), wanted);
}

function daemonSet(workload: KubernetesObject): Rollout {
  const wanted = wantedPods(workload);
  const updated = status(workload, 'updatedNumberScheduled');
  if (updated < wanted) return waiting(`${updated} of ${wanted} replicas updated`);
  return available(status(workload, 'numberAvailable'), wanted);
}

function available(count: number, wanted: number): Rollout {
  const progress = `${count} of ${wanted} replicas available`;
  return count < wanted ? waiting(progress) : { complete: true, progress: `${wanted} of ${wanted} replicas updated and available` };
}

function waiting(progress: string): Rollout {
  return { complete: false, progress };
}

function status(workload: KubernetesObject, field: string): number {
  return numberAt(workload, 'status', field) ?? 0;
}
