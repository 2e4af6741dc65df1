import * as z from 'zod';
import type { Immutable } from './json.ts';
import { labelSchema, nameSchema } from './names.ts';
import type { Instant } from './time.ts';

export const uidSchema = z.string().max(64);

const apiVersionSchema = z.string().min(1).max(128);
const kindSchema = z.string().min(1).max(63);

/** Any object of the cluster. `namespace` is absent for what belongs to the whole cluster. */
export const objectRefSchema = z.object({
  apiVersion: apiVersionSchema.describe('Group and version, for example apps/v1.'),
  kind: kindSchema.describe('Kind of the object.'),
  name: nameSchema.describe('Name of the object.'),
  namespace: labelSchema.optional().describe('Namespace of the object; absent for what belongs to the whole cluster.'),
  uid: uidSchema.optional().describe('Uid of the object, which tells it from a later one of the same name.'),
});
export type ObjectRef = Immutable<z.infer<typeof objectRefSchema>>;

/** One of our own resources, bound to the very object by its uid. */
export const boundRefSchema = objectRefSchema.extend({
  namespace: labelSchema.describe('Namespace of the object.'),
  uid: uidSchema.min(1).describe('Uid of the object, which tells it from a later one of the same name.'),
});
export type BoundRef = Immutable<z.infer<typeof boundRefSchema>>;

// Type aliases, not interfaces: only an alias is assignable to JsonObject, as what goes over the wire must be.
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
};

export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: Instant | undefined;
  readonly deletionTimestamp?: Instant | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
};

/** Metadata of an object that the API has stored. */
export type StoredMeta = ObjectMeta & { readonly namespace: string; readonly uid: string; readonly resourceVersion: string };

/** An object as the API gives it; everything but its identity is unread. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
};

/** What a reference needs of its object; every parsed resource has it. */
export interface Referable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'uid'>;
}

export function refOf(object: Referable & { readonly metadata: Pick<StoredMeta, 'name' | 'namespace' | 'uid'> }): BoundRef;
export function refOf(object: Referable): ObjectRef;
export function refOf({ apiVersion, kind, metadata: { name, namespace, uid } }: Referable): ObjectRef {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) };
}

/** The owner that controls the object; null for an object of its own. */
export function controllerOf(object: { readonly metadata: Pick<ObjectMeta, 'ownerReferences'> }): OwnerReference | null {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true) ?? null;
}

/** For a child of ours: the owner controls it, and is not gone before it. */
export function ownerReferenceTo(owner: Referable & { readonly metadata: { readonly uid: string } }): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}
