import { defaultNamespace } from '../../../shared/api/labels.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../sandbox/rbac.ts';
import type { UserInfo } from '../sandbox/sandbox.ts';

/** The product's own identities, as infra/cluster/rbac creates them: what they may not do in a cluster, they may not do here. */
export const functionsUser: UserInfo = accountUser('kubernaut-functions');
export const watcherUser: UserInfo = accountUser('kubernaut-watcher');

function accountUser(name: string): UserInfo {
  return { username: serviceAccountUsername(defaultNamespace, name), groups: serviceAccountGroups(defaultNamespace) };
}
