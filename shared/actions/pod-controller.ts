import { controllerOf, type KubernetesObject, type OwnerReference } from '../api/object-ref.ts';
import { listAt, numberAt, stringAt } from '../kubernetes/unstructured.ts';
import type { TargetSnapshot, Verdict } from './action.ts';
import { described, readyPods, wantedPods } from './workload.ts';

const readable: Readonly<Record<string, string>> = { ReplicaSet: 'apps/v1', StatefulSet: 'apps/v1', DaemonSet: 'apps/v1', Job: 'batch/v1' };

/** Controllers whose readiness we know how to read; of others only the old pod's end is checked. */
export function isReadable({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): boolean {
  return Object.hasOwn(readable, kind) && readable[kind] === apiVersion;
}

/** The old pod is gone, and its controller has as many ready as it wants. `world`: null where absent, or where nothing was to be read. */
export function judgeRestart(
  pod: string,
  before: TargetSnapshot,
  world: { readonly pod: KubernetesObject | null; readonly controller: KubernetesObject | null },
): Verdict {
  // Without the uid any pod of that name, or none, would look like a success.
  if (before.metadata.uid === undefined) return { kind: 'failed', message: `the uid of the old pod ${pod} was not kept, so its end cannot be told` };
  const stillThere = world.pod !== null && world.pod.metadata.uid === before.metadata.uid;
  if (stillThere && world.pod?.metadata.deletionTimestamp === undefined) {
    return { kind: 'failed', message: `expected pod ${pod} to be deleted, it still runs` };
  }
  if (stillThere) return { kind: 'waiting', message: `pod ${pod} has not ended yet` };
  const owner = controllerOf(before);
  if (owner === null) return { kind: 'ok', message: `Verified that the old pod ${pod} is gone` };
  if (!isReadable(owner)) return { kind: 'ok', message: `Verified that the old pod ${pod} is gone; ${owner.kind} ${owner.name} replaces it` };
  if (world.controller === null || world.controller.metadata.uid !== owner.uid) {
    return { kind: 'failed', message: `${owner.kind.toLowerCase()} ${owner.name} is gone: nothing replaces pod ${pod}` };
  }
  return owner.kind === 'Job' ? judgeJob(pod, world.controller) : judgeReady(pod, world.controller);
}

function judgeReady(pod: string, controller: KubernetesObject): Verdict {
  const wanted = wantedPods(controller);
  const ready = readyPods(controller);
  if (ready < wanted) return { kind: 'waiting', message: `only ${ready} of ${wanted} replicas of ${described(controller)} ready` };
  return { kind: 'ok', message: `Verified that the old pod ${pod} is gone and ${described(controller)} has ${wanted} of ${wanted} replicas ready` };
}

/** A Job may finish instead of running on; its pods report ready only in later versions of the API, so that they run is enough. */
function judgeJob(pod: string, job: KubernetesObject): Verdict {
  const failed = listAt(job, 'status', 'conditions').some((condition) => stringAt(condition, 'type') === 'Failed' && stringAt(condition, 'status') === 'True');
  if (failed) return { kind: 'failed', message: `${described(job)} failed after pod ${pod} was deleted` };
  const running = (numberAt(job, 'status', 'active') ?? 0) + (numberAt(job, 'status', 'succeeded') ?? 0);
  if (running === 0) return { kind: 'waiting', message: `${described(job)} has not started another pod yet` };
  return { kind: 'ok', message: `Verified that the old pod ${pod} is gone and ${described(job)} goes on` };
}
