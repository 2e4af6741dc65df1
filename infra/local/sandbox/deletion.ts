import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../../shared/api/time.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { deleteOptions, type DeleteOptions, type Propagation } from './delete-options.ts';
import { isDeleting, jsonOf, listAt, metadataOf, numberAt, objectAt, stringAt, withFields, withMetadata } from './object.ts';
import { existing, objectResponse } from './read.ts';
import type { ResourceCall } from './resource-call.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { admissionDenied, conflict, successStatus } from './status-object.ts';
import { hasAdmission, mutated, validated } from './webhooks/admit.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** What became of a deletion: the object is gone, or it waits for a node, a finalizer or its dependents. */
export type Deletion = { readonly kind: 'gone' | 'pending'; readonly object: KubernetesObject };

export async function deleteObject(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  const { type, name, dryRun } = call;
  const options = deleteOptions(call);
  if (qualifiedName(type) === 'namespaces' && lasting.has(name)) throw admissionDenied(type, name, 'this namespace may not be deleted');
  if (hasAdmission(server, 'mutating', call, 'DELETE') || hasAdmission(server, 'validating', call, 'DELETE')) await askedToDelete(server, call, options);
  const object = existing(server, call);
  refuseOtherIncarnation(type, object, options);
  const plan = planDeletion(type, object, options, server.clock.now());
  const { kind, object: last } = dryRun ? plan : carryOut(server, type, { object, plan });
  if (kind === 'gone') {
    if (answersWithObject.has(qualifiedName(type))) return objectResponse(server, call, last);
    return { status: 200, body: successStatus(type, name, last.metadata.uid ?? '') };
  }
  return objectResponse(server, call, last);
}

/** Only what is there, and is what was meant, is asked about. */
async function askedToDelete(server: ServerContext, call: ResourceCall, options: DeleteOptions): Promise<void> {
  const object = existing(server, call);
  refuseOtherIncarnation(call.type, object, options);
  const change = { operation: 'DELETE', object: null, oldObject: jsonOf(object), name: call.name } as const;
  await mutated(server, call, change);
  await validated(server, call, change);
}

const lasting = new Set(['default', 'kube-system', 'kube-public']);

/** These answer a finished DELETE with the object, the others with a Status. */
const answersWithObject = new Set(['pods', 'services', 'serviceaccounts', 'persistentvolumeclaims', 'resourcequotas']);

function refuseOtherIncarnation(type: ResourceType, { metadata }: KubernetesObject, { uid, resourceVersion }: DeleteOptions): void {
  const named = { ...type, plural: type.kind };
  if (uid !== '' && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict(named, metadata.name, why);
  }
  if (resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(named, metadata.name, why);
  }
}

/** For the garbage collector and the namespace's end: without a client, a precondition or an answer. */
export function deleteStored(server: ServerContext, type: ResourceType, object: KubernetesObject, propagation: Propagation): Deletion {
  const plan = planDeletion(type, object, { propagation, gracePeriodSeconds: undefined, uid: '', resourceVersion: '' }, server.clock.now());
  return carryOut(server, type, { object, plan });
}

function carryOut({ store }: ServerContext, type: ResourceType, { object, plan }: { readonly object: KubernetesObject; readonly plan: Deletion }): Deletion {
  if (plan.kind === 'gone') return { kind: 'gone', object: store.remove(type, plan.object) };
  return plan.object === object ? plan : { kind: 'pending', object: store.replace(type, plan.object) };
}

/** Pure: what the object becomes. `pending` with the same object: the deletion was asked for before, and nothing changes. */
function planDeletion(type: ResourceType, object: KubernetesObject, options: DeleteOptions, now: Instant): Deletion {
  const graceSeconds = graceSecondsOf(type, object, options);
  const finalizers = finalizersOf(object, options.propagation ?? propagationBefore(object) ?? defaultPropagation(type));
  if (graceSeconds === 0 && finalizers.length === 0 && !isHeldBySpec(object)) return { kind: 'gone', object: lastState(type, object, now) };
  const pending = isDeleting(object) ? hastened(object, graceSeconds, finalizers) : marked(object, { graceSeconds, finalizers, now });
  return { kind: 'pending', object: pending };
}

/** Also a pod that goes at once is seen to have been under deletion. */
function lastState(type: ResourceType, object: KubernetesObject, now: Instant): KubernetesObject {
  if (qualifiedName(type) !== 'pods') return object;
  return isDeleting(object) ? hastened(object, 0, []) : marked(object, { graceSeconds: 0, finalizers: [], now });
}

interface Mark {
  readonly graceSeconds: number;
  readonly finalizers: readonly string[];
  readonly now: Instant;
}

/** The first DELETE of what cannot go at once. */
function marked(object: KubernetesObject, { graceSeconds, finalizers, now }: Mark): KubernetesObject {
  const { generation } = metadataOf(object);
  const deleting = withMetadata(object, {
    deletionTimestamp: addSeconds(now, graceSeconds),
    deletionGracePeriodSeconds: graceSeconds,
    ...(generation !== undefined && { generation: generation + 1 }),
    ...(finalizers.length > 0 && { finalizers }),
  });
  if (!isHeldBySpec(object)) return deleting;
  return withFields(withMetadata(deleting, { deletionGracePeriodSeconds: undefined }), { status: { phase: 'Terminating' } });
}

/** A further DELETE may shorten the wait for a node; once there is none, it may change what else is waited for. */
function hastened(object: KubernetesObject, graceSeconds: number, finalizers: readonly string[]): KubernetesObject {
  const { deletionTimestamp = '', deletionGracePeriodSeconds = 0, finalizers: held = [] } = metadataOf(object);
  if (graceSeconds < deletionGracePeriodSeconds) {
    const sooner = addSeconds(deletionTimestamp, graceSeconds - deletionGracePeriodSeconds);
    return withMetadata(object, { deletionTimestamp: sooner, deletionGracePeriodSeconds: graceSeconds, ...(finalizers.length > 0 && { finalizers }) });
  }
  const isUnchanged = deletionGracePeriodSeconds > 0 || isDeepStrictEqual(finalizers, held);
  return isUnchanged ? object : withMetadata(object, { finalizers: finalizers.length > 0 ? finalizers : undefined });
}

/** A Namespace has finalizers of its own, in the spec: it stays until what it holds is gone. */
function isHeldBySpec(object: KubernetesObject): boolean {
  return object.kind === 'Namespace' && listAt(objectAt(object, 'spec'), 'finalizers').length > 0;
}

function finalizersOf({ metadata }: KubernetesObject, propagation: Propagation): readonly string[] {
  const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer);
  switch (propagation) {
    case 'Foreground':
      return [...others, foregroundFinalizer];
    case 'Orphan':
      return [...others, orphanFinalizer];
    case 'Background':
      return others;
  }
}

/** What an earlier DELETE said, as the finalizers tell. */
export function propagationBefore({ metadata: { finalizers = [] } }: KubernetesObject): Propagation | undefined {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : undefined;
}

/** A Job that is deleted without a policy leaves its pods running: so it was before there was a garbage collector. */
function defaultPropagation(type: ResourceType): Propagation {
  return qualifiedName(type) === 'jobs.batch' ? 'Orphan' : 'Background';
}

/** Only a pod that a node runs is given time, and only while it runs. */
function graceSecondsOf(type: ResourceType, object: KubernetesObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (qualifiedName(type) !== 'pods') return 0;
  const spec = objectAt(object, 'spec');
  const isOver = ['Succeeded', 'Failed'].includes(stringAt(objectAt(object, 'status'), 'phase'));
  if (stringAt(spec, 'nodeName') === '' || isOver) return 0;
  const pending = metadataOf(object).deletionGracePeriodSeconds;
  return gracePeriodSeconds ?? pending ?? numberAt(spec, 'terminationGracePeriodSeconds') ?? 30;
}
