import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/**
 * Carries out one action as a Job and asks the cluster what came of it. It writes nothing but its own status, Jobs and Events. What it reads of
 * targets, and the right to rehearse as an action's identity, follow from the catalogue.
 */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['executor.kubernaut.io'], resources: ['kubernetesexecutions'], verbs: ['get'] },
    { apiGroups: ['executor.kubernaut.io'], resources: ['kubernetesexecutions/status'], verbs: ['patch'] },
    // The one look upwards: does the owner name this execution, and does it still want it?
    { apiGroups: ['workflow.kubernaut.io'], resources: ['workflowexecutions'], verbs: ['get'] },
    // patch: the finalizer of a Job that is recorded. delete: a Job that outlives its own deadline.
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'create', 'patch', 'delete'] },
    // Of our own Jobs: how one ended, and why another never began.
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'list'] },
  ],
  cluster: [{ apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] }],
};
