import type { KubernetesObject, OwnerReference } from '../../../shared/api/object-ref.ts';
import { deleteStored, foregroundFinalizer, orphanFinalizer, propagationBefore } from './deletion.ts';
import { terminateNamespace } from './namespace-termination.ts';
import { isDeleting, withMetadata } from './object.ts';
import { ownerIndex, type OwnerIndex, type Stored } from './owner-index.ts';
import type { ServerContext } from './server-context.ts';
import type { Change } from './store.ts';

/**
 * Removes what has lost every owner, carries out foreground deletions, and empties namespaces that end. It works in a microtask
 * after the commit that gave the reason, in the order of commits, as work that the clock knows of.
 */
export function startGarbageCollection(server: ServerContext): void {
  const owners = ownerIndex(server.store);
  const due = new Set<string>();
  let scheduled = false;

  const drain = async (): Promise<void> => {
    await Promise.resolve(); // after the commit, never within it: whoever commits finds the store as it left it
    for (const uid of due) {
      due.delete(uid);
      examine(server, owners, uid); // may make more due, which this loop visits too
    }
    scheduled = false;
  };
  server.store.observe((change) => {
    for (const uid of concerned(server, owners, change)) due.add(uid);
    if (due.size === 0 || scheduled) return;
    scheduled = true;
    void server.detached(() => server.clock.track(drain));
  });
}

/** Uids of the objects whose fate this change may decide. */
function concerned({ store }: ServerContext, owners: OwnerIndex, { kind, object }: Change): readonly string[] {
  const { uid = '', namespace, ownerReferences = [] } = object.metadata;
  if (kind !== 'DELETED') return ownerReferences.length > 0 || isDeleting(object) ? [uid] : [];
  const home = namespace === undefined ? undefined : store.get('', 'namespaces', undefined, namespace);
  const endingHome = home !== undefined && isDeleting(home) ? [home.metadata.uid ?? ''] : [];
  return [...owners.dependentUids(uid), ...ownerReferences.map((owner) => owner.uid), ...endingHome];
}

function examine(server: ServerContext, owners: OwnerIndex, uid: string): void {
  const stored = server.store.ofUid(uid);
  if (stored === undefined) return;
  const { type, object } = stored;
  if (!isDeleting(object)) return judgeByOwners(server, owners, stored);
  if (object.metadata.finalizers?.includes(orphanFinalizer) === true) return releaseDependents(server, owners, stored);
  if (object.metadata.finalizers?.includes(foregroundFinalizer) === true) return deleteDependentsFirst(server, owners, stored);
  if (type.plural === 'namespaces' && type.group === '') terminateNamespace(server, stored);
}

/** `solid`: lives on. `waiting`: is deleted in the foreground and waits for its dependents. `dangling`: gone. */
type Hold = 'solid' | 'waiting' | 'dangling';

function judgeByOwners(server: ServerContext, owners: OwnerIndex, { type, object }: Stored): void {
  const references = object.metadata.ownerReferences ?? [];
  if (references.length === 0) return;
  const held = references.map((reference) => ({ reference, hold: holdOf(owners, object, reference) }));
  const solid = held.filter(({ hold }) => hold === 'solid');
  if (solid.length > 0) {
    if (solid.length < held.length) server.store.replace(type, withMetadata(object, { ownerReferences: solid.map(({ reference }) => ({ ...reference })) }));
    return;
  }
  const ownerWaits = held.some(({ hold }) => hold === 'waiting');
  const hasDependents = owners.dependentsOf(object).length > 0;
  deleteStored(server, type, object, ownerWaits && hasDependents ? 'Foreground' : (propagationBefore(object) ?? 'Background'));
}

function holdOf(owners: OwnerIndex, object: KubernetesObject, reference: OwnerReference): Hold {
  const owner = owners.ownerOf(object, reference)?.object;
  if (owner === undefined) return 'dangling';
  return isDeleting(owner) && owner.metadata.finalizers?.includes(foregroundFinalizer) === true ? 'waiting' : 'solid';
}

/** All dependents are deleted, and the owner waits for those that say so (blockOwnerDeletion). */
function deleteDependentsFirst(server: ServerContext, owners: OwnerIndex, { type, object }: Stored): void {
  const uid = object.metadata.uid ?? '';
  for (const dependent of owners.dependentsOf(object)) {
    if (!isDeleting(dependent.object)) judgeByOwners(server, owners, dependent);
  }
  const current = server.store.ofUid(uid)?.object;
  if (current === undefined || owners.dependentsOf(current).some((dependent) => blocks(dependent.object, uid))) return;
  withoutFinalizer(server, { type, object: current }, foregroundFinalizer);
}

/** Dependents lose their reference and live on; then the owner may go. */
function releaseDependents(server: ServerContext, owners: OwnerIndex, stored: Stored): void {
  const { uid } = stored.object.metadata;
  for (const { type, object } of owners.dependentsOf(stored.object)) {
    const kept = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
    server.store.replace(type, withMetadata(object, { ownerReferences: kept.length > 0 ? kept.map((reference) => ({ ...reference })) : undefined }));
  }
  withoutFinalizer(server, stored, orphanFinalizer);
}

function withoutFinalizer({ store }: ServerContext, { type, object }: Stored, done: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== done);
  if (finalizers.length > 0) store.replace(type, withMetadata(object, { finalizers }));
  else store.remove(type, object);
}

function blocks({ metadata }: KubernetesObject, ownerUid: string): boolean {
  return metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true) === true;
}
