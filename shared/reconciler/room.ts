import type { KindName } from '../api/kinds.ts';
import type { KubernetesObject, StoredMeta } from '../api/object-ref.ts';
import type { StatusFields } from '../api/status.ts';
import type { Instant } from '../api/time.ts';
import type { StatusPatch } from './effect.ts';
import type { SealedPhase } from './phase.ts';

/** What the kernel needs of any of the five kinds. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: KindName;
  readonly metadata: StoredMeta;
  readonly spec: object;
  readonly status?: StatusFields | undefined;
}

/** Everything the kernel knows of one kind: a function's handler is this plus ports. */
export interface Room<R extends Resource, Ports> {
  readonly kind: R['kind'];
  /** A typed view of what was read, unknown fields kept. Throws a named error when the API holds what our schema refuses. */
  readonly parse: (object: KubernetesObject) => R;
  /** Every phase of the kind, "" and the terminal ones (the pass after the end) included. An unknown phase is a thrown error. */
  readonly phases: Readonly<Record<string, SealedPhase<R, Ports>>>;
  /** What this kind's status has to say besides, when the kernel itself fails a resource (deadline_exceeded, status_refused): outcome, cleanupScheduledAt. */
  readonly whenFailed?: (resource: R, now: Instant) => StatusPatch;
}
