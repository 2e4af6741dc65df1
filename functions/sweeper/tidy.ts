import { unrecordedFinalizer } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isConflict } from '../../shared/kubernetes/errors.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { keyOf } from '../../shared/reconciler/bound.ts';
import { isInconclusive, isUnrecorded } from './leftovers.ts';
import type { SweepRow } from './rows.ts';

export interface TidyPorts {
  readonly cluster: Cluster;
  /** Resolves once the rows are on the audit queue. */
  readonly record: (rows: readonly SweepRow[]) => Promise<void>;
}

const triesMax = 5;

/** Children and Jobs go by owner. One that was made anew under the same name has another uid, and stays. */
export async function deleteRequest(object: KubernetesObject, { cluster, record }: TidyPorts): Promise<void> {
  await record([{ type: 'retention.deleted', message: 'its retention is over', object }]);
  await deleteBound(object, cluster);
}

export function releaseLease(lease: KubernetesObject, { cluster }: TidyPorts): Promise<void> {
  return deleteBound(lease, cluster);
}

/** The alert may resolve at this very moment: then the intake's word counts, and this one is not said. */
export async function markInconclusive(
  object: KubernetesObject,
  { cluster, record }: TidyPorts,
  { windowSeconds, now }: { readonly windowSeconds: number; readonly now: Instant },
): Promise<void> {
  await repeating(object, cluster, async (current) => {
    if (!isInconclusive(current, windowSeconds, now)) return;
    const message = 'the alert still fires at the end of its window';
    await record([{ type: 'request.outcome', message, object: current, payload: { outcome: 'inconclusive' } }]);
    await cluster.patchStatus(keyOf(current), { outcome: 'inconclusive' }, current.metadata.resourceVersion ?? '');
  });
}

/** So that the Job's deletion, which its owner's has begun, can come to its end. */
export async function releaseJob(job: KubernetesObject, { cluster }: TidyPorts): Promise<void> {
  await repeating(job, cluster, async (current) => {
    if (!isUnrecorded(current)) return;
    const { uid, resourceVersion, finalizers = [] } = current.metadata;
    const left = finalizers.filter((finalizer) => finalizer !== unrecordedFinalizer);
    await cluster.patchMetadata(keyOf(current), { uid, resourceVersion, finalizers: left });
  });
}

/** Nothing wakes the sweeper for this object again: where another write was faster it looks again, five times. */
async function repeating(object: KubernetesObject, cluster: Cluster, write: (current: KubernetesObject) => Promise<void>): Promise<void> {
  let current: KubernetesObject | null = object;
  for (let tries = 1; current !== null; tries += 1) {
    try {
      return await write(current);
    } catch (error) {
      if (!isConflict(error) || tries === triesMax) throw error;
    }
    const found = await cluster.get(keyOf(object));
    current = found?.metadata.uid === object.metadata.uid ? found : null;
  }
}

async function deleteBound(object: KubernetesObject, cluster: Cluster): Promise<void> {
  try {
    await cluster.delete(keyOf(object), { uid: object.metadata.uid ?? '', propagationPolicy: 'Background' });
  } catch (error) {
    if (!isConflict(error)) throw error; // the name has another object by now
  }
}
