import type { RoomAccess } from '../../shared/kubernetes/access.ts';

/** Reads the targets of its candidates, ConfigMaps that failing pods read, and quotas; writes only its own status and Events. */
export const access: RoomAccess = {
  namespaced: [
    { apiGroups: ['aianalysis.kubernaut.io'], resources: ['aianalyses'], verbs: ['get'] },
    { apiGroups: ['aianalysis.kubernaut.io'], resources: ['aianalyses/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ],
  cluster: [
    { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get'] },
    { apiGroups: [''], resources: ['resourcequotas'], verbs: ['list'] },
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get'] },
  ],
};
