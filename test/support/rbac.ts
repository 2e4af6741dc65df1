import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { AccessAttributes, StoredObjects } from '../../infra/local/sandbox/extension.ts';
import type { UserInfo } from '../../infra/local/sandbox/sandbox.ts';

const rbac = 'rbac.authorization.k8s.io/v1';

export function aServiceAccountUser(name: string, namespace = 'kubernaut-system'): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

export function aRole(name: string, namespace: string, rules: readonly object[]): KubernetesObject {
  return { apiVersion: rbac, kind: 'Role', metadata: { name, namespace }, rules };
}

export function aClusterRole(name: string, rules: readonly object[]): KubernetesObject {
  return { apiVersion: rbac, kind: 'ClusterRole', metadata: { name }, rules };
}

export function aRoleBinding(name: string, namespace: string, roleRef: object, subjects: readonly object[]): KubernetesObject {
  return { apiVersion: rbac, kind: 'RoleBinding', metadata: { name, namespace }, roleRef, subjects };
}

export function aClusterRoleBinding(name: string, roleRef: object, subjects: readonly object[]): KubernetesObject {
  return { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
}

/** A store that holds just these objects. `plural` is the kind in lower case with an s. */
export function storeOf(objects: readonly KubernetesObject[]): StoredObjects {
  const list: StoredObjects['list'] = (_group, plural, namespace) =>
    objects.filter(({ kind, metadata }) => `${kind.toLowerCase()}s` === plural && (namespace === undefined || metadata.namespace === namespace));
  return {
    list,
    get: (group, plural, namespace, name) => list(group, plural, namespace).find(({ metadata }) => metadata.name === name),
  };
}

/** The account scale-deployment-sa wants to patch deployments/scale of payment-api in production. */
export function anAccess(overrides: Partial<AccessAttributes> = {}): AccessAttributes {
  return {
    user: aServiceAccountUser('scale-deployment-sa'),
    verb: 'patch',
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    subresource: 'scale',
    namespace: 'production',
    name: 'payment-api',
    ...overrides,
  };
}
