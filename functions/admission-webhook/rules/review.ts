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

/** A write that is ours to judge, or why nothing can be said of it: then it is refused. `not ours`: another kind, a delete, a connection. */
export type ReadReview =
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'not ours' }
  | { readonly kind: 'unreadable'; readonly field: string; readonly message: string; readonly remedy: string };

export function readReview(request: AdmissionRequest): ReadReview {
  const { kind, operation } = request;
  const isWrite = operation === 'CREATE' || operation === 'UPDATE';
  if (!isWrite || !ourGroups.has(kind.group)) return { kind: 'not ours' };
  return isKindName(kind.kind) && kinds[kind.kind].group === kind.group ? readWrite(request, kind.kind) : unknownKind;
}

function readWrite({ uid, subResource, operation, userInfo, ...request }: AdmissionRequest, kind: KindName): ReadReview {
  const { object, oldObject, namespace, dryRun } = request;
  if (!isJsonObject(object)) return absent('object');
  if (operation === 'UPDATE' && !isJsonObject(oldObject)) return absent('oldObject');
  const review: Review = {
    uid,
    kind,
    subresource: subResource,
    namespace,
    name: request.name === '' ? (stringAt(object, 'metadata', 'name') ?? '') : request.name,
    user: { name: userInfo.username, groups: userInfo.groups },
    object,
    oldObject: operation === 'UPDATE' ? (oldObject ?? null) : null,
    dryRun,
  };
  return { kind: 'review', review };
}

const ourGroups: ReadonlySet<string> = new Set(Object.values(kinds).map(({ group }) => group));

const unknownKind: ReadReview = {
  kind: 'unreadable',
  field: 'request.kind',
  message: 'is no kind of ours, though its group is',
  remedy: 'name only the resources of the installed version in the rules of the webhook',
};

function absent(field: 'object' | 'oldObject'): ReadReview {
  return {
    kind: 'unreadable',
    field: `request.${field}`,
    message: 'is absent, and without it nothing can be judged',
    remedy: 'send the review as an API server does',
  };
}
