import type { JsonObject } from '../api/json.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../api/object-ref.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound, isRefused } from '../kubernetes/errors.ts';
import type { ClusterReader, ClusterWriter, ObjectKey } from '../kubernetes/ports.ts';
import { keyOf } from './bound.ts';
import { isOurs, isVoid } from './children.ts';
import type { Correlation } from './correlation.ts';
import type { CreateResource, DeleteResource, PatchMetadata } from './effect.ts';
import { stamped } from './stamp.ts';

export type ActingCluster = ClusterWriter & Pick<ClusterReader, 'get'>;

/** How the API took one effect. What is neither is trouble, and thrown. */
export type Taken =
  | { readonly kind: 'created'; readonly ref: ObjectRef }
  /** The resource of the pass as it stands now. */
  | { readonly kind: 'patched'; readonly object: KubernetesObject }
  | { readonly kind: 'acted' }
  /** Another pass won, or the resource is gone: the rest of the decision is about a world that is no more. */
  | { readonly kind: 'lost'; readonly why: string }
  /** The world differs from what was observed: the pass is run anew. */
  | { readonly kind: 'again'; readonly why: string }
  /** Refused for good. `content`: a status that the API will not store as it is. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string; readonly content: boolean; readonly error: unknown };

/** A name that is taken is ours (a repeat, or a pass that lost after it created), or a stranger's. */
export async function createResource(effect: CreateResource, ownerUid: string, correlation: Correlation, cluster: ActingCluster): Promise<Taken> {
  try {
    return { kind: 'created', ref: refOf(await cluster.create(stamped(effect.object, correlation))) };
  } catch (error) {
    if (isAlreadyExists(error)) return meet(effect, ownerUid, error, cluster);
    return refusedOrThrown(error);
  }
}

async function meet({ object, whenTaken }: CreateResource, ownerUid: string, error: unknown, cluster: ActingCluster): Promise<Taken> {
  const called = `${object.kind} ${object.metadata.name}`;
  const found = await cluster.get(keyOf(object));
  if (found === null) return { kind: 'again', why: `${called} vanished while it was created` };
  if (isOurs(found, ownerUid)) {
    // A late create of an older state of ours: whoever saw it may be giving it back, so nobody relies on it.
    if (whenTaken === 'again' && !hasAnnotationsOf(found, object)) return { kind: 'again', why: `${called} was made on another state of its owner` };
    // A Job and a void Job of one name are strangers though both are ours: one acts, the other holds the name so that nothing does.
    return isVoid(found) === isVoid(object)
      ? { kind: 'created', ref: refOf(found) }
      : { kind: 'again', why: `${called} is ${isVoid(found) ? '' : 'not '}void` };
  }
  if (whenTaken === 'again') return { kind: 'again', why: `${called} belongs to another owner` };
  return { kind: 'refused', status: 409, message: `${called} exists already and belongs to another owner`, content: false, error };
}

function hasAnnotationsOf(found: KubernetesObject, wanted: KubernetesObject): boolean {
  return Object.entries(wanted.metadata.annotations ?? {}).every(([key, value]) => found.metadata.annotations?.[key] === value);
}

/** Of the resource of the pass, or of another object in the state that was read. A version that moved since is common where others write too (a Job's controller): the pass looks anew at once. */
export async function patchMetadata(
  effect: PatchMetadata,
  own: { readonly key: ObjectKey; readonly resourceVersion: string },
  cluster: ActingCluster,
): Promise<Taken> {
  const { ref } = effect;
  try {
    const object = await cluster.patchMetadata(ref === undefined ? own.key : withoutUid(ref), metadataPatch(effect, own.resourceVersion));
    return ref === undefined ? { kind: 'patched', object } : { kind: 'acted' };
  } catch (error) {
    if (ref === undefined && isNotFound(error)) return { kind: 'lost', why: 'the resource is gone' };
    if (isConflict(error)) return hasMoved(ref ?? own.key);
    return refusedOrThrown(error);
  }
}

function metadataPatch({ ref, labels, annotations, finalizers }: PatchMetadata, ownResourceVersion: string): JsonObject {
  return {
    resourceVersion: ref?.resourceVersion ?? ownResourceVersion,
    ...(ref !== undefined && { uid: ref.uid }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...(finalizers !== undefined && { finalizers }),
  };
}

function hasMoved({ kind, name }: ObjectKey): Taken {
  return { kind: 'again', why: `${kind} ${name} has changed since it was read` };
}

const contentRefusals = [400, 413, 422];

/** A lost race is no failure: the write that won wakes the resource again. A forbidden patch is thrown: no other patch would be allowed either. */
export async function patchStatus(
  status: JsonObject,
  own: { readonly key: ObjectKey; readonly resourceVersion: string },
  cluster: ActingCluster,
): Promise<Taken> {
  try {
    return { kind: 'patched', object: await cluster.patchStatus(own.key, status, own.resourceVersion) };
  } catch (error) {
    if (isConflict(error)) return { kind: 'lost', why: 'another pass wrote first' };
    if (isNotFound(error)) return { kind: 'lost', why: 'the resource is gone' };
    const refused = refusedOrThrown(error);
    if (refused.kind !== 'refused' || !contentRefusals.includes(refused.status)) throw error;
    return { ...refused, content: true };
  }
}

/** The object with this uid is gone afterwards. One that took its name meanwhile is not meant, and stays. */
export async function deleteResource({ ref, propagationPolicy }: DeleteResource, cluster: ActingCluster): Promise<Taken> {
  const key = withoutUid(ref);
  try {
    await cluster.delete(key, { uid: ref.uid, propagationPolicy });
  } catch (error) {
    if (!isConflict(error)) return refusedOrThrown(error);
    const found = await cluster.get(key);
    if (found?.metadata.uid === ref.uid) throw error;
  }
  return { kind: 'acted' };
}

function refusedOrThrown(error: unknown): Taken {
  if (!(error instanceof ApiError) || !isRefused(error)) throw error;
  return { kind: 'refused', status: error.status, message: error.message, content: false, error };
}

function withoutUid({ apiVersion, kind, name, namespace }: ObjectKey): ObjectKey {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
