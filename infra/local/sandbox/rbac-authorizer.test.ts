import { describe, expect, it } from 'vitest';
import { aClusterRole, aClusterRoleBinding, anAccess, aRole, aRoleBinding, aServiceAccountUser, storeOf } from '../../../test/support/rbac.ts';
import { forbiddenMessage, rbacAuthorizer } from './rbac-authorizer.ts';
import { administrator } from './sandbox.ts';

const scale = [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] }];
const account = { kind: 'ServiceAccount', name: 'scale-deployment-sa', namespace: 'kubernaut-system' };
const clusterRole = { kind: 'ClusterRole', name: 'scaler' };
const allowed = (objects: Parameters<typeof storeOf>[0], access = anAccess()) => rbacAuthorizer().authorize(access, storeOf(objects)).allowed;

describe('the authorizer', () => {
  it('allows by a cluster-wide binding, and says by which', () => {
    const store = storeOf([aClusterRole('scaler', scale), aClusterRoleBinding('scalers', clusterRole, [account])]);
    expect(rbacAuthorizer().authorize(anAccess(), store)).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "scalers" of ClusterRole "scaler" to ServiceAccount "scale-deployment-sa/kubernaut-system"',
    });
  });

  it('allows by a binding in the namespace only there', () => {
    const objects = [aClusterRole('scaler', scale), aRoleBinding('scalers', 'production', clusterRole, [account])];
    expect(allowed(objects)).toBe(true);
    expect(allowed(objects, anAccess({ namespace: 'staging' }))).toBe(false);
    expect(allowed(objects, anAccess({ namespace: '' }))).toBe(false);
  });

  it('finds a Role only in the namespace of its binding', () => {
    const binding = aRoleBinding('scalers', 'production', { kind: 'Role', name: 'scaler' }, [account]);
    expect(allowed([aRole('scaler', 'production', scale), binding])).toBe(true);
    expect(allowed([aRole('scaler', 'staging', scale), binding])).toBe(false);
  });

  it('takes the namespace of the binding for a ServiceAccount without one', () => {
    const objects = [
      aRole('scaler', 'production', scale),
      aRoleBinding('scalers', 'production', { kind: 'Role', name: 'scaler' }, [{ kind: 'ServiceAccount', name: 'local' }]),
    ];
    expect(allowed(objects, anAccess({ user: aServiceAccountUser('local', 'production') }))).toBe(true);
    expect(allowed(objects, anAccess({ user: aServiceAccountUser('local', 'staging') }))).toBe(false);
  });

  it('allows by user and by group', () => {
    const bound = (subject: object) => [aClusterRole('scaler', scale), aClusterRoleBinding('scalers', clusterRole, [subject])];
    const alice = anAccess({ user: { username: 'alice', groups: ['operators'] } });
    expect(allowed(bound({ kind: 'User', name: 'alice' }), alice)).toBe(true);
    expect(allowed(bound({ kind: 'Group', name: 'operators' }), alice)).toBe(true);
    expect(allowed(bound({ kind: 'User', name: 'operators' }), alice)).toBe(false);
  });

  it('sees a role that was written after the first question', () => {
    const authorizer = rbacAuthorizer();
    const binding = aClusterRoleBinding('scalers', clusterRole, [account]);
    expect(authorizer.authorize(anAccess(), storeOf([binding])).allowed).toBe(false);
    expect(authorizer.authorize(anAccess(), storeOf([binding, aClusterRole('scaler', scale)])).allowed).toBe(true);
    expect(authorizer.authorize(anAccess(), storeOf([binding, aClusterRole('scaler', [])])).allowed).toBe(false);
  });

  it('asks no role for system:masters', () => {
    expect(allowed([], anAccess({ user: administrator }))).toBe(true);
  });

  it('lets everyone who is known read discovery, and review their own access', () => {
    const path = { verb: 'get', group: '', resource: '', subresource: '', namespace: '', name: '' };
    expect(allowed([], anAccess({ ...path, nonResourcePath: '/apis/apps/v1' }))).toBe(true);
    expect(allowed([], anAccess({ ...path, nonResourcePath: '/metrics' }))).toBe(false);
    const review = { verb: 'create', group: 'authorization.k8s.io', subresource: '', namespace: '', name: '' };
    expect(allowed([], anAccess({ ...review, resource: 'selfsubjectaccessreviews' }))).toBe(true);
    expect(allowed([], anAccess({ ...review, resource: 'subjectaccessreviews' }))).toBe(false);
  });
});

describe('forbiddenMessage', () => {
  it.each([
    [
      anAccess(),
      'deployments.apps "payment-api" is forbidden: User "system:serviceaccount:kubernaut-system:scale-deployment-sa" cannot patch resource "deployments/scale" in API group "apps" in the namespace "production"',
    ],
    [
      anAccess({ verb: 'list', group: '', resource: 'nodes', subresource: '', namespace: '', name: '' }),
      'nodes is forbidden: User "system:serviceaccount:kubernaut-system:scale-deployment-sa" cannot list resource "nodes" in API group "" at the cluster scope',
    ],
    [
      anAccess({ verb: 'get', nonResourcePath: '/metrics' }),
      'forbidden: User "system:serviceaccount:kubernaut-system:scale-deployment-sa" cannot get path "/metrics"',
    ],
  ])('speaks as Kubernetes does', (access, message) => {
    expect(forbiddenMessage(access)).toBe(message);
  });
});
