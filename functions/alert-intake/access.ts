import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/** Finds and makes requests, notes the state of their alerts, and remembers resolutions that came too early. */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests'], verbs: ['get', 'list', 'create'] },
    { apiGroups: ['remediation.kubernaut.io'], resources: ['remediationrequests/status'], verbs: ['patch'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create'] },
  ],
  cluster: [],
};
