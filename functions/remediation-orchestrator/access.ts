import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/** Leads a remediation from its alert to its end: makes the stages one after another, and holds the locks of their targets. It touches no workload. */
export const access: RoomAccess = {
  namespaced: [
    // list: other requests for the same target. patch: the label by which they find this one.
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests'], verbs: ['get', 'list', 'patch'] },
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests/status'], verbs: ['patch'] },
    // patch: the annotation that asks a live child to cancel.
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationprocessings'], verbs: ['get', 'create', 'patch'] },
    { apiGroups: ['aianalysis.kubernaut.io'], resources: ['aianalyses'], verbs: ['get', 'create', 'patch'] },
    // delete: a workflow that ended before any request named it.
    { apiGroups: ['workflow.kubernaut.io'], resources: ['workflowexecutions'], verbs: ['get', 'create', 'patch', 'delete'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'create', 'delete'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ],
  cluster: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }], // a person's pause
};
