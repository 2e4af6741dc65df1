import { describe, expect, it } from 'vitest';
import { aClusterRole, aClusterRoleBinding, aServiceAccountUser, storeOf } from '../../../test/support/rbac.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { selfSubjectAccessReview, subjectAccessReview } from './access-review.ts';
import { builtInTypes } from './built-in-types.ts';
import type { EndpointContext, VirtualEndpoint } from './extension.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { resourceTypes } from './resource-types.ts';

const scaler = aServiceAccountUser('scale-deployment-sa');
const store = storeOf([
  aClusterRole('scaler', [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] }]),
  aClusterRoleBinding('scalers', { kind: 'ClusterRole', name: 'scaler' }, [{ kind: 'User', name: scaler.username }]),
]);
const authorizer = rbacAuthorizer();
const context: EndpointContext = {
  objects: store,
  types: resourceTypes(builtInTypes),
  now: '2026-01-15T10:35:20Z',
  authorize: (attributes) => authorizer.authorize(attributes, store),
};
const resourceAttributes = { namespace: 'production', verb: 'patch', group: 'apps', resource: 'deployments', subresource: 'scale' };

function ask(endpoint: VirtualEndpoint, plural: string, spec: JsonObject) {
  const request = {
    method: 'POST' as const,
    path: `/apis/authorization.k8s.io/v1/${plural}`,
    user: scaler,
    body: { apiVersion: 'authorization.k8s.io/v1', spec },
  };
  expect(endpoint.matches(request)).toBe(true);
  return endpoint.answer(request, context);
}
const review = (spec: JsonObject) => ask(subjectAccessReview, 'subjectaccessreviews', spec);

describe('SubjectAccessReview', () => {
  it('says what the authorizer would', () => {
    expect(review({ user: scaler.username, resourceAttributes })).toMatchObject({
      status: 201,
      body: { kind: 'SubjectAccessReview', status: { allowed: true, reason: expect.stringContaining('scalers') } },
    });
    expect(review({ user: 'alice', resourceAttributes })).toMatchObject({ body: { status: { allowed: false } } });
    expect(review({ user: 'alice', groups: ['system:masters'], resourceAttributes })).toMatchObject({ body: { status: { allowed: true } } });
  });

  it('takes a path in the place of a resource', () => {
    expect(review({ user: 'alice', groups: ['system:authenticated'], nonResourceAttributes: { verb: 'get', path: '/apis' } })).toMatchObject({
      body: { status: { allowed: true } },
    });
  });

  it.each([
    ['nobody', { resourceAttributes }, 'at least one of user or group must be specified'],
    ['nothing', { user: 'alice' }, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'],
    ['a list', { user: ['alice'], resourceAttributes }, 'spec.user'],
  ])('refuses a question about %s', (_sentence, spec, message) => {
    expect(() => review(spec)).toThrow(message);
  });
});

describe('SelfSubjectAccessReview', () => {
  it('asks for whoever sends it', () => {
    expect(ask(selfSubjectAccessReview, 'selfsubjectaccessreviews', { resourceAttributes })).toMatchObject({
      body: { kind: 'SelfSubjectAccessReview', status: { allowed: true } },
    });
    expect(ask(selfSubjectAccessReview, 'selfsubjectaccessreviews', { resourceAttributes: { ...resourceAttributes, verb: 'delete' } })).toMatchObject({
      body: { status: { allowed: false } },
    });
  });
});
