import { describe, expect, it } from 'vitest';
import { aClusterRole, aClusterRoleBinding, aServiceAccountUser, storeOf } from '../../../test/support/rbac.ts';
import { impersonator } from './impersonation.ts';
import { forbiddenMessage, rbacAuthorizer } from './rbac-authorizer.ts';

const functions = aServiceAccountUser('kubernaut-functions');
const mayActAs = (rule: object) =>
  storeOf([
    aClusterRole('impersonator', [rule]),
    aClusterRoleBinding('b', { kind: 'ClusterRole', name: 'impersonator' }, [{ kind: 'User', name: functions.username }]),
  ]);
const scaler = { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['scale-deployment-sa'] };

function actAs(target: string, rule: object) {
  const store = mayActAs(rule);
  const authorizer = rbacAuthorizer();
  return impersonator().impersonate({ method: 'GET', path: '/api', user: functions, impersonate: target }, (attributes) =>
    authorizer.authorize(attributes, store),
  );
}

describe('impersonation', () => {
  it('derives the groups of the ServiceAccount, and keeps nothing of the asker', () => {
    expect(actAs('system:serviceaccount:kubernaut-system:scale-deployment-sa', scaler)).toEqual({
      kind: 'user',
      user: aServiceAccountUser('scale-deployment-sa'),
    });
  });

  it('refuses an account that is not named', () => {
    const answer = actAs('system:serviceaccount:kubernaut-system:drain-node-sa', scaler);
    expect(answer.kind === 'refused' && forbiddenMessage(answer.attributes)).toBe(
      'serviceaccounts "drain-node-sa" is forbidden: User "system:serviceaccount:kubernaut-system:kubernaut-functions" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "kubernaut-system"',
    );
  });

  it('wants the verb on users for what is no ServiceAccount', () => {
    expect(actAs('alice', scaler)).toMatchObject({ kind: 'refused' });
    expect(actAs('alice', { ...scaler, resources: ['users'], resourceNames: ['alice'] })).toEqual({
      kind: 'user',
      user: { username: 'alice', groups: ['system:authenticated'] },
    });
  });
});
