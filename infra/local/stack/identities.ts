import { defaultNamespace } from '../../../shared/api/labels.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../sandbox/rbac.ts';
import type { Pod } from '../controllers/pod.ts';
import { userOf } from '../sandbox/authentication.ts';
import type { UserInfo } from '../sandbox/sandbox.ts';

/** The product's own identities, as infra/cluster/rbac creates them: what they may not do in a cluster, they may not do here. */
export const functionsUser: UserInfo = accountUser('kubernaut-functions');
export const watcherUser: UserInfo = accountUser('kubernaut-watcher');

/** The user that a pod's requests come from, as a token bound to the pod would say. */
export function podUser({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): UserInfo {
  const { namespace, name, uid } = metadata;
  return userOf({ namespace, serviceAccount: { name: spec.serviceAccountName, uid: '' }, pod: { name, uid } });
}

function accountUser(name: string): UserInfo {
  return { username: serviceAccountUsername(defaultNamespace, name), groups: serviceAccountGroups(defaultNamespace) };
}
