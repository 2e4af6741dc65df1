import type { AdmissionPolicy } from './admission-policy.ts';
import type { PolicySettings } from './policy-settings.ts';

const everyWrite = { apiGroups: ['*'], resources: ['*/*'], operations: ['*'] };

/** Accounts are told by the end of their names, not by a list: an account whose action these policies have never heard of is held as well. */
function actionAccounts(namespace: string): Readonly<Record<string, string>> {
  return { 'an-action-account': `request.userInfo.?username.orValue("").matches("^system:serviceaccount:${namespace}:.*-sa$")` };
}

/**
 * Impersonation and tokens. The functions may impersonate an action's account, because they rehearse as it: only a dry run passes.
 * A token counts when it is bound to a pod: only kubelets ask for those, and impersonation cannot claim one without the permission
 * on userextras, which nobody has.
 */
export function actionOriginPolicy({ namespace }: PolicySettings): AdmissionPolicy {
  return {
    name: 'kubernaut-action-origin',
    requests: everyWrite,
    concerns: actionAccounts(namespace),
    variables: {},
    rules: [
      {
        holds: 'request.?dryRun.orValue(false) || "authentication.kubernetes.io/pod-name" in request.userInfo.?extra.orValue({})',
        message:
          'an action ServiceAccount writes only from the pod of its Job, or as a dry run: create a RemediationRequest instead; if nobody here tried this, the credentials of the functions are stolen: replace them',
      },
    ],
  };
}

/** Where no action writes, whoever asks: RBAC grants by resource, and a ClusterRole knows no exception. */
export function actionReachPolicy({ namespace, protectedNamespaces }: PolicySettings): AdmissionPolicy {
  return {
    name: 'kubernaut-action-reach',
    requests: everyWrite,
    concerns: actionAccounts(namespace),
    variables: {
      // `namespace` is a reserved word of CEL.
      within: 'request.?namespace.orValue("")',
      protectedNamespaces,
      // The API gives a Namespace its own name as its namespace, but it belongs to the cluster all the same.
      isOfCluster: 'variables.within == "" || request.resource.resource == "namespaces"',
    },
    rules: [
      {
        holds: '!(variables.within in variables.protectedNamespaces)',
        message: 'this namespace is protected, no action writes in it: choose another target, or do by hand what must be done here',
      },
      {
        // Reviews (may I, who am I) are created too, but change nothing.
        holds: '!variables.isOfCluster || request.resource.resource == "nodes" || request.resource.group in ["authorization.k8s.io", "authentication.k8s.io"]',
        message: 'of what belongs to the whole cluster an action writes nodes only: choose another target, or do by hand what must be done here',
      },
    ],
  };
}
