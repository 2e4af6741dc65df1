import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/** Reads the target and what surrounds it, anywhere; writes only its own status and Events. */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationprocessings'], verbs: ['get'] },
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationprocessings/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ],
  cluster: [
    { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces', 'configmaps', 'persistentvolumeclaims'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods', 'events', 'resourcequotas'], verbs: ['list'] },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
    { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['get'] },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list'] },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['list'] },
  ],
};
