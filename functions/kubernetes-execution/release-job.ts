import { unrecordedFinalizer } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { PatchMetadata } from '../../shared/reconciler/effect.ts';
import { keyOf } from '../../shared/reconciler/bound.ts';

/** Takes the finalizer off a Job that the status names; nothing for one that has none. Goes before whatever else the pass decides. */
export function releaseJob(job: KubernetesObject): readonly PatchMetadata[] {
  const { uid, resourceVersion, finalizers = [] } = job.metadata;
  if (uid === undefined || resourceVersion === undefined || !finalizers.includes(unrecordedFinalizer)) return [];
  const remaining = finalizers.filter((finalizer) => finalizer !== unrecordedFinalizer);
  return [{ kind: 'PatchMetadata', ref: { ...keyOf(job), uid, resourceVersion }, finalizers: remaining }];
}
