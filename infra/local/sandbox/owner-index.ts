import type { KubernetesObject, OwnerReference } from '../../../shared/api/object-ref.ts';
import type { ResourceType } from './resource-types.ts';
import type { Store } from './store.ts';

export interface Stored {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

/** Who is owned by whom, by uid, kept up to date by the store's changes. */
export interface OwnerIndex {
  /** Every object that names this uid as an owner from where the owner can be seen: its namespace, or anywhere for a cluster-scoped one. In the order of creation. */
  dependentsOf(owner: KubernetesObject): readonly Stored[];
  /** By uid alone, of an owner that may be gone. */
  dependentUids(ownerUid: string): readonly string[];
  /** undefined: gone, another incarnation, or in another namespace, from where it cannot own. */
  ownerOf(dependent: KubernetesObject, reference: OwnerReference): Stored | undefined;
}

export function ownerIndex(store: Store): OwnerIndex {
  const dependents = new Map<string, Set<string>>();
  store.observe(({ kind, object, previous }) => {
    for (const { uid } of previous?.metadata.ownerReferences ?? []) forget(dependents, uid, object.metadata.uid ?? '');
    if (kind === 'DELETED') return;
    for (const { uid } of object.metadata.ownerReferences ?? []) remember(dependents, uid, object.metadata.uid ?? '');
  });
  const dependentUids = (ownerUid: string): readonly string[] => [...(dependents.get(ownerUid) ?? [])];
  return {
    dependentUids,
    dependentsOf: (owner) =>
      dependentUids(owner.metadata.uid ?? '')
        .map((uid) => store.ofUid(uid))
        .filter((stored) => stored !== undefined)
        .filter(({ object }) => mayOwn(owner, object)),
    ownerOf(dependent, { uid, kind, name }) {
      const owner = store.ofUid(uid);
      const isTheOne = owner !== undefined && owner.object.kind === kind && owner.object.metadata.name === name;
      return isTheOne && mayOwn(owner.object, dependent) ? owner : undefined;
    },
  };
}

function mayOwn(owner: KubernetesObject, dependent: KubernetesObject): boolean {
  return owner.metadata.namespace === undefined || owner.metadata.namespace === dependent.metadata.namespace;
}

function remember(dependents: Map<string, Set<string>>, ownerUid: string, uid: string): void {
  const known = dependents.get(ownerUid) ?? new Set();
  dependents.set(ownerUid, known.add(uid));
}

function forget(dependents: Map<string, Set<string>>, ownerUid: string, uid: string): void {
  const known = dependents.get(ownerUid);
  known?.delete(uid);
  if (known?.size === 0) dependents.delete(ownerUid);
}
