import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';
import { kinds, KindName } from '../../../shared/api/kinds.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';

/** One commit of the cluster's store. */
export interface Entry {
  readonly revision: number;
  readonly change: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
  readonly atMilliseconds: number;
}

const chronicled = [
  ...KindName.map((kind) => ({ apiVersion: kinds[kind].apiVersion, kind })),
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  { apiVersion: 'v1', kind: 'Event' },
];

/** Writes down every commit about our kinds, Jobs, Leases and Events, as an administrator's watch tells it, until the signal aborts. */
export function startChronicle(
  admin: Transport,
  { now, wrote, signal }: { readonly now: () => number; readonly wrote: (entry: Entry) => void; readonly signal: AbortSignal },
): { readonly entries: readonly Entry[]; readonly ended: Promise<void> } {
  const entries: Entry[] = [];
  async function follow(followed: { readonly apiVersion: string; readonly kind: string }): Promise<void> {
    for await (const { type, object } of admin.watch(collectionPath(followed, defaultNamespace), {}, signal)) {
      if (type === 'BOOKMARK' || type === 'ERROR') continue;
      const known = object as unknown as KubernetesObject;
      const entry = { revision: Number(known.metadata.resourceVersion), change: type, object: { ...known, ...followed }, atMilliseconds: now() };
      entries.push(entry);
      wrote(entry);
    }
  }
  const ended = Promise.all(chronicled.map(follow)).then(() => undefined);
  return { entries, ended };
}

/** By uid, each in the order of its commits. */
export function biographies(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const byUid = new Map<string, Entry[]>();
  for (const entry of [...entries].sort((a, b) => a.revision - b.revision)) {
    const uid = entry.object.metadata.uid ?? '';
    byUid.set(uid, [...(byUid.get(uid) ?? []), entry]);
  }
  return byUid;
}
