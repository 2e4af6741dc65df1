import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { StoredObjects } from './extension.ts';
import { withMetadata } from './object.ts';
import type { ResourceType } from './resource-types.ts';

/** One commit, in the order of revisions. A DELETED object is the last state, with the revision of its deletion. */
export interface Change {
  readonly type: ResourceType;
  readonly kind: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
  /** Null for ADDED. */
  readonly previous: KubernetesObject | null;
  readonly revision: number;
}

export interface Store extends StoredObjects {
  /** Of the last commit; the resourceVersion of a list. */
  revision(): number;
  ofUid(uid: string): { readonly type: ResourceType; readonly object: KubernetesObject } | undefined;
  /** Commits; the caller has seen that the key is free. Returns the object with its resourceVersion. */
  insert(type: ResourceType, object: KubernetesObject): KubernetesObject;
  replace(type: ResourceType, object: KubernetesObject): KubernetesObject;
  remove(type: ResourceType, object: KubernetesObject): KubernetesObject;
  /** Called synchronously after every commit, in the order of registration. Returns what ends it. */
  observe(listener: (change: Change) => void): () => void;
}

interface Shelf {
  readonly objects: Map<string, KubernetesObject>;
  /** Null when an object came or went. */
  sortedKeys: readonly string[] | null;
  /** In the order of keys; null when something changed. */
  sorted: readonly KubernetesObject[] | null;
}

const firstRevision = 100; // a watch from a version below is from before this cluster, and has expired

/** The state of the cluster: what etcd is to a kube-apiserver. It knows keys and revisions, and no rule of the API. */
export function createStore(): Store {
  const shelves = new Map<string, Shelf>();
  const byUid = new Map<string, { readonly type: ResourceType; readonly object: KubernetesObject }>();
  const listeners = new Set<(change: Change) => void>();
  let revision = firstRevision;

  const commit = (type: ResourceType, kind: Change['kind'], object: KubernetesObject): KubernetesObject => {
    revision += 1;
    const committed = withMetadata(object, { resourceVersion: String(revision) });
    const previous = place(shelfOf(shelves, type.group, type.plural), kind, committed);
    index(byUid, { type, kind, object: committed });
    for (const listener of listeners) listener({ type, kind, object: committed, previous, revision });
    return committed;
  };

  return {
    revision: () => revision,
    ofUid: (uid) => byUid.get(uid),
    get: (group, plural, namespace, name) => shelves.get(`${group}/${plural}`)?.objects.get(keyOf(namespace, name)),
    list: (group, plural, namespace) => listShelf(shelfOf(shelves, group, plural), namespace),
    insert: (type, object) => commit(type, 'ADDED', object),
    replace: (type, object) => commit(type, 'MODIFIED', object),
    remove: (type, object) => commit(type, 'DELETED', object),
    observe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function shelfOf(shelves: Map<string, Shelf>, group: string, plural: string): Shelf {
  const name = `${group}/${plural}`;
  const shelf = shelves.get(name) ?? { objects: new Map(), sortedKeys: null, sorted: null };
  shelves.set(name, shelf);
  return shelf;
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function place(shelf: Shelf, kind: Change['kind'], object: KubernetesObject): KubernetesObject | null {
  const key = keyOf(object.metadata.namespace, object.metadata.name);
  const previous = shelf.objects.get(key) ?? null;
  if (kind === 'DELETED') shelf.objects.delete(key);
  else shelf.objects.set(key, object);
  shelf.sorted = null;
  if (kind !== 'MODIFIED') shelf.sortedKeys = null;
  return previous;
}

function index(byUid: Map<string, { readonly type: ResourceType; readonly object: KubernetesObject }>, change: Pick<Change, 'type' | 'kind' | 'object'>): void {
  const { type, kind, object } = change;
  const uid = object.metadata.uid ?? '';
  if (kind === 'DELETED') byUid.delete(uid);
  else byUid.set(uid, { type, object });
}

/** Keys in the order of bytes, as a range read of etcd gives them. The same array until something changes, so that it may key a cache. */
function listShelf(shelf: Shelf, namespace: string | undefined): readonly KubernetesObject[] {
  shelf.sortedKeys ??= [...shelf.objects.keys()].sort((a, b) => (a < b ? -1 : 1));
  shelf.sorted ??= shelf.sortedKeys.map((key) => shelf.objects.get(key)).filter((object) => object !== undefined);
  return namespace === undefined ? shelf.sorted : shelf.sorted.filter(({ metadata }) => metadata.namespace === namespace);
}
