import type { Environment } from '../../shared/environment.ts';
import type { Installation } from '../../shared/planning/installation.ts';

/** What an operator decides about admission, read once from the environment. */
export interface Settings extends Installation {
  /** Who the functions are to the cluster: the API tells names, and anybody else is a person or a stranger. */
  readonly functions: { readonly users: readonly string[]; readonly groups: readonly string[] };
  /** May who made a request by hand approve its plan? */
  readonly selfApproval: Environment['KUBERNAUT_SELF_APPROVAL'];
}

export function settingsFrom(environment: Environment): Settings {
  const { KUBERNAUT_CLUSTER: cluster, KUBERNAUT_NAMESPACE: namespace } = environment;
  const groups = environment.KUBERNAUT_FUNCTIONS_GROUPS;
  const named = environment.KUBERNAUT_FUNCTIONS_USERS;
  // Where the cluster maps an IAM role, the account does not exist, and whoever could create it must not become the functions.
  const users = named.length > 0 || groups.length > 0 ? named : [`system:serviceaccount:${namespace}:kubernaut-functions`];
  return { cluster, namespace, functions: { users, groups }, selfApproval: environment.KUBERNAUT_SELF_APPROVAL };
}
