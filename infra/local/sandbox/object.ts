import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../../shared/api/object-ref.ts';
import { immutableJson } from './immutable-json.ts';

/** Metadata with the fields that only an API server reads. */
export type Metadata = ObjectMeta & { readonly generateName?: string | undefined; readonly deletionGracePeriodSeconds?: number | undefined };

/** Reads JSON as an object of the API; the caller has seen that `metadata` is an object. */
export function kubernetesObject(json: JsonObject): KubernetesObject {
  return immutableJson(json) as KubernetesObject;
}

export function jsonOf(object: KubernetesObject): JsonObject {
  return object as JsonObject;
}

export function metadataOf(object: KubernetesObject): Metadata {
  return object.metadata;
}

/** A member that is an object; an empty one when it is absent or something else. */
export function objectAt(parent: { readonly [key: string]: unknown }, key: string): JsonObject {
  const member = parent[key];
  return isJsonObject(member) ? member : {};
}

/** A member that is a list; an empty one when it is absent or something else. */
export function listAt(parent: { readonly [key: string]: unknown }, key: string): readonly JsonValue[] {
  const member = parent[key];
  return Array.isArray(member) ? member : [];
}

export function stringAt(parent: { readonly [key: string]: unknown }, key: string): string {
  const member = parent[key];
  return typeof member === 'string' ? member : '';
}

/** A number at a path of members, where there is one. */
export function numberAt(parent: { readonly [key: string]: unknown }, key: string): number | undefined {
  const member = parent[key];
  return typeof member === 'number' ? member : undefined;
}

/** undefined removes the field. */
export function withMetadata(object: KubernetesObject, changes: JsonObject): KubernetesObject {
  return kubernetesObject({ ...jsonOf(object), metadata: { ...objectAt(object, 'metadata'), ...changes } });
}

/** undefined removes the field. */
export function withFields(object: KubernetesObject, fields: JsonObject): KubernetesObject {
  return kubernetesObject({ ...jsonOf(object), ...fields });
}

export function isDeleting(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
