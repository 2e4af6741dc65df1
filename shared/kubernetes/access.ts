import type { PolicyRule } from './ports.ts';

/** What one room reads and writes in the cluster: the source of the functions' RBAC. Every room exports one as `access`. */
export interface RoomAccess {
  /** In our own namespace only: our kinds and their status, Jobs, Leases, Events. */
  readonly namespaced: readonly PolicyRule[];
  /** In every namespace, and what belongs to the whole cluster: reads of targets, access reviews. */
  readonly cluster: readonly PolicyRule[];
}
