import { isKindName, kinds, KindName } from '../../shared/api/kinds.ts';
import { fieldManager, managedByLabel } from '../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import type { ReconcileMessage } from '../../shared/queue/messages.ts';
import type { QueueName } from '../../shared/queue/ports.ts';

export interface Forwarding {
  readonly queue: QueueName;
  readonly message: ReconcileMessage;
}

/** `present`: found by a fresh list. */
export type Change = 'present' | 'changed' | 'deleted';

/** One stream of the watcher: which collection it follows. */
export interface WatchedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly labelSelector?: string;
}

/** The five kinds, and the Jobs that we made. */
export const watchedKinds: readonly WatchedKind[] = [
  ...KindName.map((kind) => ({ apiVersion: kinds[kind].apiVersion, kind })),
  { apiVersion: 'batch/v1', kind: 'Job', labelSelector: `${managedByLabel}=${fieldManager}` },
];

/**
 * Who must look because of this change (docs/architecture.md, wake-ups): the resource's own function; its controlling owner's only
 * when it is over. After a fresh list only what is not over is sent: the sweeper, not the list, finds what was missed before.
 */
export function forwardingsOf(change: Change, object: KubernetesObject, cluster: string): readonly Forwarding[] {
  const over = change === 'deleted' || hasEnded(object);
  if (change === 'present') return over || !isKindName(object.kind) ? [] : keyOf(object.kind, object.metadata.name, object, cluster);
  const own = change === 'changed' && isKindName(object.kind) ? keyOf(object.kind, object.metadata.name, object, cluster) : [];
  const owner = over ? controllerOf(object) : null;
  const parent = owner !== null && isKindName(owner.kind) ? keyOf(owner.kind, owner.name, object, cluster) : [];
  return [...own, ...parent];
}

function keyOf(kind: KindName, name: string, { metadata }: KubernetesObject, cluster: string): readonly Forwarding[] {
  return [{ queue: kinds[kind].queue, message: { cluster, kind, namespace: metadata.namespace ?? '', name, cause: 'watch' } }];
}

function hasEnded(object: KubernetesObject): boolean {
  const status = object['status'] as
    | { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
    | undefined;
  if (object.kind !== 'Job') return isTerminal(status?.phase);
  return (status?.conditions ?? []).some(({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'));
}
