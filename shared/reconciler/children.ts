import { cancelRequestedAnnotation, voidAnnotation } from '../api/labels.ts';
import type { ObjectMeta } from '../api/object-ref.ts';
import { isTerminal } from '../api/status.ts';
import type { PatchMetadata } from './effect.ts';
import type { Resource } from './room.ts';

/** An object that a parent found under a name it derives: is it the parent's own? A name alone proves nothing. */
export function isOurs(child: { readonly metadata: Pick<ObjectMeta, 'ownerReferences'> }, ownerUid: string): boolean {
  return child.metadata.ownerReferences?.some(({ uid }) => uid === ownerUid) ?? false;
}

/** A Job that was made only to hold its name, so that nothing can act under it. */
export function isVoid(job: { readonly metadata: Pick<ObjectMeta, 'annotations'> }): boolean {
  return job.metadata.annotations?.[voidAnnotation] !== undefined;
}

/** Asked by a parent (annotation), or for a request by a person (spec.cancel). */
export function isCancelRequested({ metadata, spec }: Pick<Resource, 'metadata' | 'spec'>): boolean {
  const byPerson = 'cancel' in spec && spec.cancel === true;
  return byPerson || metadata.annotations?.[cancelRequestedAnnotation] !== undefined;
}

export function isAlive(child: Pick<Resource, 'status'>): boolean {
  return !isTerminal(child.status?.phase);
}

/** Annotates a live child, which wakes it; null when it has ended or was asked before. Its end is then awaited: no parent ends before its child. */
export function askToCancel(child: Resource): PatchMetadata | null {
  if (!isAlive(child) || isCancelRequested(child)) return null;
  const { apiVersion, kind, metadata } = child;
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    kind: 'PatchMetadata',
    ref: { apiVersion, kind, name, namespace, uid, resourceVersion },
    annotations: { [cancelRequestedAnnotation]: 'true' },
  };
}
