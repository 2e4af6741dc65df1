import { describe, expect, it } from 'vitest';
import { anAccess } from '../../../test/support/rbac.ts';
import type { AccessAttributes } from './extension.ts';
import { ruleAllows, rulesOf, serviceAccountOf } from './rbac.ts';

const scaleRule = { verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] };
const healthPath = { verb: 'get', nonResourcePath: '/healthz/etcd', group: '', resource: '', subresource: '', namespace: '', name: '' };

const table: readonly [string, object, Partial<AccessAttributes>, boolean][] = [
  ['the exact verb, group and subresource', scaleRule, {}, true],
  ['another verb', scaleRule, { verb: 'update' }, false],
  ['another group', scaleRule, { group: 'extensions' }, false],
  ['the resource itself, when only its subresource is granted', scaleRule, { subresource: '' }, false],
  ['a subresource, when only the resource is granted', { ...scaleRule, resources: ['deployments'] }, {}, false],
  ['every subresource of that name', { ...scaleRule, resources: ['*/scale'] }, {}, true],
  ['every resource', { ...scaleRule, resources: ['*'] }, {}, true],
  ['every group and verb', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, {}, true],
  ['the name that is listed', { ...scaleRule, resourceNames: ['payment-api'] }, {}, true],
  ['a name that is not listed', { ...scaleRule, resourceNames: ['other'] }, {}, false],
  [
    'no name at all, when names are listed',
    { ...scaleRule, verbs: ['list'], resources: ['deployments'], resourceNames: ['payment-api'] },
    { verb: 'list', subresource: '', name: '' },
    false,
  ],
  ['a path that is listed', { verbs: ['get'], nonResourceURLs: ['/healthz/etcd'] }, healthPath, true],
  ['a path by its beginning', { verbs: ['get'], nonResourceURLs: ['/healthz*'] }, healthPath, true],
  ['a path by resources', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, healthPath, false],
  ['a resource by paths', { verbs: ['*'], nonResourceURLs: ['*'] }, {}, false],
  ['anything, by a rule of the wrong shape', { verbs: 'patch', resources: null }, {}, false],
];

describe('a rule', () => {
  it.each(table)('decides on %s', (_sentence, rule, access, allowed) => {
    const [parsed] = rulesOf({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [rule] });
    expect(parsed !== undefined && ruleAllows(parsed, anAccess(access))).toBe(allowed);
  });
});

describe('serviceAccountOf', () => {
  it.each([
    ['system:serviceaccount:kubernaut-system:scale-deployment-sa', { namespace: 'kubernaut-system', name: 'scale-deployment-sa' }],
    ['system:serviceaccount:kubernaut-system', null],
    ['alice', null],
  ])('reads %s', (username, account) => {
    expect(serviceAccountOf(username)).toEqual(account);
  });
});
