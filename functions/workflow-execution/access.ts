import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/**
 * Plans and validates a remediation, makes its executions, and watches what came of them. It writes nothing but our own kinds. What it reads of
 * targets, and the right to rehearse as an action's identity, follow from the catalogue.
 */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['workflow.kubernaut.io'], resources: ['workflowexecutions'], verbs: ['get'] },
    { apiGroups: ['workflow.kubernaut.io'], resources: ['workflowexecutions/status'], verbs: ['patch'] },
    // patch: the annotation that asks a live execution to cancel.
    { apiGroups: ['executor.kubernaut.io'], resources: ['kubernetesexecutions'], verbs: ['get', 'create', 'patch'] },
    // The one look upwards: does the owner still want this workflow?
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests'], verbs: ['get'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ],
  cluster: [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }, // a person's pause
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
};
