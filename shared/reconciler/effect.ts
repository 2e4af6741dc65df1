import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject, ObjectRef } from '../api/object-ref.ts';
import type { ObjectKey } from '../kubernetes/ports.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import type { QueueName } from '../queue/ports.ts';

/**
 * What a decision may ask for: a closed union with one interpreter (interpret.ts). Each carries what makes a repeat harmless;
 * the table in docs/architecture.md says why.
 */
export type Effect = RecordAudit | CreateResource | DeleteResource | PatchMetadata | PatchStatus | EmitEvent | Enqueue;

/** The interpreter adds cluster, resource, correlation, resourceVersion, time and the derived id. */
export interface RecordAudit {
  readonly kind: 'RecordAudit';
  readonly type: string;
  readonly phaseFrom: string;
  readonly phaseTo: string;
  readonly reason: string;
  readonly message: string;
  /** Step name, attempt …: what tells two rows of one type and transition apart. */
  readonly discriminator?: string;
  /** Masked and cut to 32,768 bytes by the interpreter. */
  readonly payload?: JsonObject;
  readonly actor?: { readonly kind: 'system' | 'user'; readonly name: string };
}

export interface CreateResource {
  readonly kind: 'CreateResource';
  readonly object: KubernetesObject;
  /**
   * AlreadyExists with another owner: ask the phase's `refused`, or run the pass anew so that observe sees the holder. With 'again' an object of our
   * own counts as another's where it lacks the annotations that we would give it.
   */
  readonly whenTaken: 'refused' | 'again';
}

export interface DeleteResource {
  readonly kind: 'DeleteResource';
  readonly ref: ObjectKey & { readonly uid: string };
  readonly propagationPolicy: 'Background' | 'Foreground';
}

export interface PatchMetadata {
  readonly kind: 'PatchMetadata';
  /** Absent: the resource of the pass. Another object carries the resourceVersion that was read. */
  readonly ref?: ObjectKey & { readonly uid: string; readonly resourceVersion: string };
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** The whole list that shall remain. */
  readonly finalizers?: readonly string[];
}

export interface PatchStatus {
  readonly kind: 'PatchStatus';
  /** A merge patch of the status: null removes, lists replace. May hold `created(n)` anywhere. */
  readonly status: StatusPatch;
}

export interface EmitEvent {
  readonly kind: 'EmitEvent';
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Step or attempt, where one phase emits the reason more than once. */
  readonly discriminator?: string;
}

export interface Enqueue {
  readonly kind: 'Enqueue';
  readonly queue: QueueName;
  readonly message: ReconcileMessage;
  /** 0 to 900; a longer wait re-arms in pieces. */
  readonly delaySeconds?: number;
}

export type StatusPatch = { readonly [field: string]: StatusValue };
export type StatusValue = string | number | boolean | null | undefined | CreatedRef | readonly StatusValue[] | StatusPatch;

/** No JSON carries a symbol: what came from outside into a status (parameters of a provider's answer) cannot pass for a reference. */
export const createdMark: unique symbol = Symbol('created');

/** Stands for the reference of what effect `index` of the same decision created, uid included. */
export interface CreatedRef {
  readonly [createdMark]: true;
  readonly $created: number;
  readonly fields: readonly (keyof ObjectRef)[];
}

const refFields = ['apiVersion', 'kind', 'name', 'namespace', 'uid'] as const;

/** `index` counts the decision's effects from 0. `fields`: which of the reference's fields the status wants. */
export function created(index: number, fields: CreatedRef['fields'] = refFields): CreatedRef {
  return { [createdMark]: true, $created: index, fields };
}
