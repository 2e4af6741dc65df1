import { controllerOf, refOf, type KubernetesObject, type ObjectRef, type OwnerReference } from '../../shared/api/object-ref.ts';
import type { AlertTarget } from '../../shared/api/target.ts';
import type { ClusterReader, ObjectKey } from '../../shared/kubernetes/ports.ts';

/** `chain`: from the object that the alert names up to its last controller, that one included. Null: the object does not exist. */
export interface Resolution {
  readonly target: KubernetesObject;
  readonly chain: readonly ObjectRef[];
}

const hopsMax = 5;

const apiVersions: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  CronJob: 'batch/v1',
  Job: 'batch/v1',
  PersistentVolumeClaim: 'v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Pod: 'v1',
  Node: 'v1',
};

export const knownKinds: readonly string[] = Object.keys(apiVersions);

export function isClusterScoped(kind: string): boolean {
  return kind === 'Node';
}

/** Follows controllers upwards: Pod → ReplicaSet → Deployment, Pod → Job → CronJob, an autoscaler → what it scales. A bare pod stays a pod. */
export async function resolveTarget(cluster: Pick<ClusterReader, 'get'>, target: AlertTarget): Promise<Resolution | null> {
  const named = await cluster.get(keyOf(target.kind, target.name, target.namespace));
  const found = named ?? (target.kind === 'Pod' ? await replicaSetOfGonePod(cluster, target) : null);
  if (found === null) return null;
  const chain = [refOf(found)];
  let top = found;
  for (let hop = 1; hop < hopsMax; hop += 1) {
    const above = aboveOf(top);
    if (above === null) break;
    const owner = await cluster.get({ ...above, ...(target.namespace !== undefined && { namespace: target.namespace }) });
    // An owner that is gone, or another of its name, ends the chain: what is left is what there is.
    if (owner === null || (above.uid !== undefined && owner.metadata.uid !== above.uid)) break;
    top = owner;
    chain.push(refOf(owner));
  }
  return { target: top, chain };
}

/** `<deployment>-<hash>-<5 characters>`: only if that ReplicaSet exists. */
function replicaSetOfGonePod(cluster: Pick<ClusterReader, 'get'>, { name, namespace }: AlertTarget): Promise<KubernetesObject | null> {
  const replicaSet = /^(.+-[a-z0-9]+)-[a-z0-9]{5}$/.exec(name)?.[1];
  return replicaSet === undefined ? Promise.resolve(null) : cluster.get(keyOf('ReplicaSet', replicaSet, namespace));
}

function aboveOf(object: KubernetesObject): (Pick<ObjectKey, 'apiVersion' | 'kind' | 'name'> & { readonly uid?: string }) | null {
  if (object.kind === 'HorizontalPodAutoscaler') return scaledBy(object);
  const owner = controllerOf(object);
  return owner !== null && isFollowed(owner) ? { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid } : null;
}

/** An operator's own kind above a workload is left alone: the catalogue has no action for it. */
function isFollowed({ apiVersion, kind }: OwnerReference): boolean {
  return apiVersions[kind] === apiVersion;
}

function scaledBy(object: KubernetesObject): Pick<ObjectKey, 'apiVersion' | 'kind' | 'name'> | null {
  const ref = (object['spec'] as { readonly scaleTargetRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string } } | undefined)
    ?.scaleTargetRef;
  const { kind = '', name = '' } = ref ?? {};
  const apiVersion = Object.hasOwn(apiVersions, kind) ? apiVersions[kind] : undefined;
  return apiVersion === undefined || name === '' ? null : { apiVersion, kind, name };
}

function keyOf(kind: string, name: string, namespace: string | undefined): ObjectKey {
  return { apiVersion: apiVersions[kind] ?? '', kind, name, ...(namespace !== undefined && !isClusterScoped(kind) && { namespace }) };
}
