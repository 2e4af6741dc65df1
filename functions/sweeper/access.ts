import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/** Lists everything of ours, and tidies what its functions could not: requests past their retention, stray locks, unclaimed Jobs. */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests'], verbs: ['get', 'list', 'delete'] },
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests/status'], verbs: ['patch'] },
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationprocessings'], verbs: ['list'] },
    { apiGroups: ['aianalysis.kubernaut.io'], resources: ['aianalyses'], verbs: ['list'] },
    { apiGroups: ['workflow.kubernaut.io'], resources: ['workflowexecutions'], verbs: ['list'] },
    { apiGroups: ['executor.kubernaut.io'], resources: ['kubernetesexecutions'], verbs: ['list'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list', 'delete'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'patch'] },
  ],
  cluster: [],
};
