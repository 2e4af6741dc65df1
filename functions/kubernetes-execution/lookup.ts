import { voidAnnotation } from '../../shared/api/labels.ts';
import { jobName } from '../../shared/api/names.ts';
import type { JobRef, KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { BoundRef, KubernetesObject } from '../../shared/api/object-ref.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import { isOurs } from '../../shared/reconciler/children.ts';

const apiVersion = 'batch/v1';

/** What stands under the name that this execution's Job will have. */
export type Lookup =
  | { readonly kind: 'never made' }
  | { readonly kind: 'ours'; readonly job: KubernetesObject }
  /** Our own, made so that nothing can act under the name; `reason` is the verdict's. */
  | { readonly kind: 'void'; readonly reason: string }
  | { readonly kind: 'a stranger' };

/** The name comes from the execution's uid, so that two passes, or two functions, mean the same Job. */
export function jobKeyOf({ metadata, spec }: KubernetesExecution): ObjectKey & { readonly namespace: string } {
  return { apiVersion, kind: 'Job', name: jobName(spec.actionType, metadata.uid), namespace: metadata.namespace };
}

/** The specification's jobRef has no apiVersion, so one may lack it. */
export function boundJob(jobRef: JobRef): BoundRef {
  return { ...jobRef, apiVersion };
}

export function lookup({ metadata }: KubernetesExecution, job: KubernetesObject | null): Lookup {
  if (job === null) return { kind: 'never made' };
  if (!isOurs(job, metadata.uid)) return { kind: 'a stranger' };
  const reason = job.metadata.annotations?.[voidAnnotation];
  return reason === undefined ? { kind: 'ours', job } : { kind: 'void', reason };
}
