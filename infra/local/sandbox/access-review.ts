import * as z from 'zod';
import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { invalidValue } from './crd-causes.ts';
import type { AccessAttributes, Cause, EndpointContext, VirtualEndpoint } from './extension.ts';
import { objectAt } from './object.ts';
import type { SandboxRequest, UserInfo } from './sandbox.ts';
import { badRequest, invalid } from './status-object.ts';

const group = 'authorization.k8s.io';
const text = z.string().default('');

const resourceAttributesSchema = z.object({ namespace: text, verb: text, group: text, version: text, resource: text, subresource: text, name: text });
const questionSchema = z.object({
  resourceAttributes: resourceAttributesSchema.optional(),
  nonResourceAttributes: z.object({ path: text, verb: text }).optional(),
});
const selfReviewSchema = z.object({ kind: z.literal('SelfSubjectAccessReview').optional(), spec: questionSchema });
const reviewSchema = z.object({
  kind: z.literal('SubjectAccessReview').optional(),
  spec: questionSchema.extend({ user: text, groups: z.array(z.string()).default([]), extra: z.record(z.string(), z.array(z.string())).default({}) }),
});
type Question = z.infer<typeof questionSchema>;

/** SubjectAccessReview: may this user? Asked of the same authorizer that judges requests. */
export const subjectAccessReview: VirtualEndpoint = {
  matches: (request) => isPostOf(request, 'subjectaccessreviews'),
  answer(request, context) {
    const { spec } = read(reviewSchema, request);
    if (spec.user === '' && spec.groups.length === 0) throw invalid({ group, kind: '' }, '', [needsUser]);
    return review(request, 'SubjectAccessReview', decision(spec, { username: spec.user, groups: spec.groups, extra: spec.extra }, context));
  },
};

/** SelfSubjectAccessReview: may I? What `kubectl auth can-i` asks. */
export const selfSubjectAccessReview: VirtualEndpoint = {
  matches: (request) => isPostOf(request, 'selfsubjectaccessreviews'),
  answer(request, context) {
    const { spec } = read(selfReviewSchema, request);
    return review(request, 'SelfSubjectAccessReview', decision(spec, request.user, context));
  },
};

const needsUser = { reason: 'FieldValueInvalid', field: 'spec.user', message: 'Invalid value: "": at least one of user or group must be specified' };

const needsOneQuestion = {
  reason: 'FieldValueInvalid',
  field: 'spec.resourceAttributes',
  message: 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
};

function oneTooMany({ path, verb }: { readonly path: string; readonly verb: string }): Cause {
  return invalidValue('spec.nonResourceAttributes', { Path: path, Verb: verb }, 'cannot be specified in combination with resourceAttributes');
}

function isPostOf({ method, path }: SandboxRequest, plural: string): boolean {
  return method === 'POST' && path === `/apis/${group}/v1/${plural}`;
}

function read<Review extends { readonly spec: Question }>(schema: z.ZodType<Review>, { body }: SandboxRequest): Review {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw badRequest(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { resourceAttributes, nonResourceAttributes } = parsed.data.spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) throw invalid({ group, kind: '' }, '', [oneTooMany(nonResourceAttributes)]);
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) throw invalid({ group, kind: '' }, '', [needsOneQuestion]);
  return parsed.data;
}

function decision(spec: Question, user: UserInfo, { authorize }: EndpointContext): JsonObject {
  const { allowed, reason } = authorize(attributesOf(spec, user));
  return { allowed, ...(reason !== '' && { reason }) };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Question, user: UserInfo): AccessAttributes {
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if (nonResourceAttributes !== undefined) return { ...none, user, verb: nonResourceAttributes.verb, nonResourcePath: nonResourceAttributes.path };
  return { ...none, verb: '', ...resourceAttributes, user };
}

function review({ body }: SandboxRequest, kind: string, status: JsonObject): ApiResponse {
  const spec = isJsonObject(body) ? objectAt(body, 'spec') : {};
  return { status: 201, body: { kind, apiVersion: `${group}/v1`, metadata: {}, spec, status } };
}
