import { remediationRequestLabel } from '../../shared/api/labels.ts';
import { labelValue, leaseName } from '../../shared/api/names.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../shared/api/object-ref.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { instantFromMilliseconds, millisecondsOf, type Instant } from '../../shared/api/time.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { created, type DeleteResource, type Effect, type StatusValue } from '../../shared/reconciler/effect.ts';
import type { Ports } from './children.ts';

const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;
const leasesMax = 200; // a request has one for its target and one for each step's, of which there are at most 20

/**
 * The version of the request that the lease was taken on. A pass relies only on leases of its own version: an older one may be about to be given
 * back by the pass that blocked the request, so it is taken anew and gets another uid, which that delete does not name.
 */
const takenOnAnnotation = 'kubernaut.io/taken-on';

/** The lock on one target, as it was read. */
export interface TargetLease {
  readonly name: string;
  readonly uid: string;
  readonly holderUid: string;
  /** Name of the request that holds it. */
  readonly holderName: string;
  readonly takenOn: string;
}

/** The Leases of these targets as they stand, in the order of the hashes; those that nobody holds are left out. */
export async function readLeases(hashes: readonly string[], namespace: string, { cluster }: Ports): Promise<readonly TargetLease[]> {
  const found = await Promise.all(hashes.map((hash) => cluster.get({ ...leaseKind, name: leaseName(hash), namespace })));
  return found.flatMap((object) => (object === null ? [] : [leaseOf(object)]));
}

/** Every Lease that carries the name and the uid of the request, whatever its status lists: a pass that lost may have taken one more. */
export async function readOwnLeases({ metadata }: RemediationRequest, { cluster }: Ports): Promise<readonly TargetLease[]> {
  const labelSelector = `${remediationRequestLabel}=${labelValue(metadata.name)}`;
  const found = await cluster.list(leaseKind, { namespace: metadata.namespace, labelSelector, limit: leasesMax });
  return found.map(leaseOf).filter(({ holderUid }) => holderUid === metadata.uid);
}

function leaseOf(object: KubernetesObject): TargetLease {
  return {
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    holderUid: stringAt(object, 'spec', 'holderIdentity') ?? '',
    holderName: object.metadata.labels?.[remediationRequestLabel] ?? '',
    takenOn: object.metadata.annotations?.[takenOnAnnotation] ?? '',
  };
}

export function hashOfLease({ name }: TargetLease): string {
  return name.slice(leaseName('').length);
}

export function isHeldBy({ metadata }: RemediationRequest, { holderUid }: TargetLease): boolean {
  return holderUid === metadata.uid;
}

/** Taken by this very state of the request: by an earlier try of this pass, or by one that runs beside it. */
export function isOfThisVersion({ metadata }: RemediationRequest, { takenOn }: TargetLease): boolean {
  return takenOn === metadata.resourceVersion;
}

/** The first effects of a decision: `refs` counts them from 0. */
export interface Taking {
  readonly effects: readonly Effect[];
  /** status.leaseRefs. */
  readonly refs: readonly StatusValue[];
}

/** One after another in ascending order, as every request does, so that of two that want the same targets one gets all of them. */
export function takeLeases(request: RemediationRequest, hashes: readonly string[], leases: readonly TargetLease[], now: Instant): Taking {
  return hashes.reduce<Taking>(
    (taking, hash) => {
      const held = leases.find(({ name }) => name === leaseName(hash));
      if (held !== undefined && isOfThisVersion(request, held)) return { ...taking, refs: [...taking.refs, { name: held.name, uid: held.uid }] };
      const old = held === undefined ? [] : [giveBack(request, held)];
      const effects: readonly Effect[] = [...taking.effects, ...old, { kind: 'CreateResource', object: newLease(request, hash, now), whenTaken: 'again' }];
      return { effects, refs: [...taking.refs, created(effects.length - 1, ['name', 'uid'])] };
    },
    { effects: [], refs: [] },
  );
}

export function giveBack({ metadata }: RemediationRequest, { name, uid }: TargetLease): DeleteResource {
  return { kind: 'DeleteResource', ref: { ...leaseKind, name, namespace: metadata.namespace, uid }, propagationPolicy: 'Background' };
}

/**
 * Owned by the request, so that the kernel knows it for ours and none outlives a deleted request. That deletion takes the workflow and its Jobs
 * along, so the lock is not lost while its target may still be acted on for more than the grace of a pod.
 */
function newLease(request: RemediationRequest, hash: string, now: Instant): KubernetesObject {
  const { namespace, uid, resourceVersion } = request.metadata;
  return {
    ...leaseKind,
    metadata: {
      name: leaseName(hash),
      namespace,
      annotations: { [takenOnAnnotation]: resourceVersion },
      ownerReferences: [ownerReferenceTo(request)],
    },
    spec: { holderIdentity: uid, acquireTime: microTime(now) },
  };
}

/** A Lease wants its times with six digits of fraction. */
function microTime(now: Instant): string {
  return instantFromMilliseconds(millisecondsOf(now)).replace(/Z$/, '.000000Z');
}
