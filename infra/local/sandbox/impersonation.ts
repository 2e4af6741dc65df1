import type { AccessAttributes, Impersonator } from './extension.ts';
import { serviceAccountGroups, serviceAccountOf } from './rbac.ts';
import type { UserInfo } from './sandbox.ts';

/**
 * Impersonate-User, as a kube-apiserver takes it: the asker needs the verb impersonate on the ServiceAccount (or user) by its
 * name; the groups are derived. Groups and extras cannot be asked for: no identity of ours may choose them.
 */
export function impersonator(): Impersonator {
  return {
    impersonate({ user, impersonate: target = '' }, authorize) {
      const attributes = attributesOf(user, target);
      const { allowed, reason } = authorize(attributes);
      return allowed ? { kind: 'user', user: { username: target, groups: groupsOf(target) } } : { kind: 'refused', attributes, reason };
    },
  };
}

function attributesOf(user: UserInfo, target: string): AccessAttributes {
  const account = serviceAccountOf(target);
  const asked = { user, verb: 'impersonate', group: '', version: 'v1', subresource: '' };
  return account === null
    ? { ...asked, resource: 'users', namespace: '', name: target }
    : { ...asked, resource: 'serviceaccounts', namespace: account.namespace, name: account.name };
}

function groupsOf(target: string): readonly string[] {
  const account = serviceAccountOf(target);
  return account === null ? ['system:authenticated'] : serviceAccountGroups(account.namespace);
}
