import * as z from 'zod';
import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import { isKindName, kinds, type KindName } from '../../../shared/api/kinds.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';

const objectSchema = z.custom<JsonObject>(isJsonObject, { error: 'must be an object' }).nullish();

/** As much of an AdmissionReview as is looked at; a newer API server may send more. */
export const admissionReviewSchema = z.object({
  apiVersion: z.literal('admission.k8s.io/v1', { error: 'must be admission.k8s.io/v1: set admissionReviewVersions of the webhook to [v1]' }),
  kind: z.literal('AdmissionReview', { error: 'must be AdmissionReview' }),
  request: z.object({
    uid: z.string().min(1).max(128),
    kind: z.object({ group: z.string(), kind: z.string() }),
    subResource: z.string().default(''),
    name: z.string().default(''),
    namespace: z.string().default(''),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    userInfo: z.object({ username: z.string().default(''), groups: z.array(z.string()).default([]) }),
    object: objectSchema,
    oldObject: objectSchema,
    dryRun: z.boolean().default(false),
  }),
});
export type AdmissionRequest = z.infer<typeof admissionReviewSchema>['request'];

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A write to one of our own kinds. What the objects hold is unread: a mutating review comes before any schema was asked. */
export interface Review {
  readonly uid: string;
  readonly kind: KindName;
  readonly subresource: string;
  readonly namespace: string;
  /** "" in a mutating review of an object that is given a generated name. */
  readonly name: string;
  readonly user: User;
  readonly object: JsonObject;
  /** Null for a create. */
  readonly oldObject: JsonObject | null;
  readonly dryRun: boolean;
}

/** Null for what is not ours to judge: another kind, a delete, a connection. */
export function reviewOf({ uid, kind, subResource, operation, userInfo, ...request }: AdmissionRequest): Review | null {
  const { object, oldObject, namespace, dryRun } = request;
  const isWrite = operation === 'CREATE' || operation === 'UPDATE';
  if (!isWrite || !isKindName(kind.kind) || kinds[kind.kind].group !== kind.group) return null;
  if (!isJsonObject(object) || (operation === 'UPDATE' && !isJsonObject(oldObject))) return null;
  return {
    uid,
    kind: kind.kind,
    subresource: subResource,
    namespace,
    name: request.name === '' ? (stringAt(object, 'metadata', 'name') ?? '') : request.name,
    user: { name: userInfo.username, groups: userInfo.groups },
    object,
    oldObject: operation === 'UPDATE' ? (oldObject ?? null) : null,
    dryRun,
  };
}
