import type { World } from '../../functions/sweeper/world.ts';
import { kinds, KindName } from '../../shared/api/kinds.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';

export const now: Instant = '2026-01-15T12:00:00Z';

/** So many seconds before the run. */
export function ago(seconds: number): Instant {
  return addSeconds(now, -seconds);
}

export interface SweptOverrides {
  readonly status?: JsonObject;
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: JsonObject;
}

/** One of the five kinds as it is listed; made two hours ago, and in its phase for ten seconds. `phase` "": no pass has touched it. */
export function aSwept(kind: KindName, name: string, phase: string, { status, metadata, spec = {} }: SweptOverrides = {}): KubernetesObject {
  return {
    apiVersion: kinds[kind].apiVersion,
    kind,
    metadata: { name, namespace: 'kubernaut-system', uid: `uid-${name}`, resourceVersion: '7', creationTimestamp: ago(7_200), ...metadata },
    spec,
    ...(phase !== '' && { status: { phase, phaseStartTime: ago(10), ...status } }),
  };
}

export function ownedBy(owner: KubernetesObject): Partial<ObjectMeta> {
  const { apiVersion, kind, metadata } = owner;
  return { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }] };
}

export function ofRequest(name: string): Partial<ObjectMeta> {
  return { labels: { 'app.kubernetes.io/managed-by': 'kubernaut', 'kubernaut.io/remediation-request': name } };
}

/** A lock of ours, held by a request of this name. */
export function aLock(name: string, holder: string, metadata: Partial<ObjectMeta> = {}): KubernetesObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kubernaut-system', uid: `uid-${name}`, creationTimestamp: ago(600), ...ofRequest(holder), ...metadata },
    spec: { holderIdentity: `uid-${holder}` },
  };
}

/** A Job that waits to be recorded by an execution of this name. */
export function aHeldJob(name: string, execution: string, finalizers: readonly string[] = ['kubernaut.io/unrecorded']): KubernetesObject {
  const owner = aSwept('KubernetesExecution', execution, 'executing');
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'kubernaut-system', uid: `uid-${name}`, resourceVersion: '9', finalizers, ...ofRequest('rr-1'), ...ownedBy(owner) },
  };
}

/** Queues that are empty, and everything was listed. */
export function aSweptWorld(resources: readonly KubernetesObject[], overrides: Partial<World> = {}): World {
  return { resources, leases: [], jobs: [], depths: new Map(KindName.map((kind) => [kinds[kind].queue, 0])), isComplete: true, ...overrides };
}
