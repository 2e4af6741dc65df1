import type { ResourceType, Subresource } from './resource-types.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced?: boolean;
  readonly subresources?: readonly Subresource[];
}

function group(groupName: string, version: string, rows: readonly Row[]): readonly ResourceType[] {
  return rows.map(({ kind, plural, shortNames = [], categories = [], namespaced = true, subresources = [] }) => ({
    group: groupName,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames,
    categories,
    namespaced,
    subresources,
    verbs,
    columns: [],
    custom: false,
  }));
}

const all = ['all'] as const;
const status = ['status'] as const;
const statusAndScale = ['status', 'scale'] as const;

/** Every built-in kind that the product, its actions, kubectl in the documented commands or the tests touch. */
export const builtInTypes: readonly ResourceType[] = [
  ...group('', 'v1', [
    { kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], namespaced: false, subresources: status },
    { kind: 'Node', plural: 'nodes', shortNames: ['no'], namespaced: false, subresources: status },
    { kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: all, subresources: ['status', 'log', 'binding'] },
    { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
    { kind: 'Secret', plural: 'secrets' },
    { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'], subresources: ['token'] },
    { kind: 'Event', plural: 'events', shortNames: ['ev'] },
    { kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], subresources: status },
    { kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] },
    { kind: 'Service', plural: 'services', shortNames: ['svc'], categories: all, subresources: status },
    { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], subresources: status },
  ]),
  ...group('apps', 'v1', [
    { kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], categories: all, subresources: statusAndScale },
    { kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], categories: all, subresources: statusAndScale },
    { kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], categories: all, subresources: statusAndScale },
    { kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], categories: all, subresources: status },
  ]),
  ...group('batch', 'v1', [
    { kind: 'Job', plural: 'jobs', categories: all, subresources: status },
    { kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], categories: all, subresources: status },
  ]),
  ...group('autoscaling', 'v2', [
    { kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', shortNames: ['hpa'], categories: all, subresources: status },
  ]),
  ...group('policy', 'v1', [{ kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', shortNames: ['pdb'], subresources: status }]),
  ...group('coordination.k8s.io', 'v1', [{ kind: 'Lease', plural: 'leases' }]),
  ...group('networking.k8s.io', 'v1', [{ kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'] }]),
  ...group('rbac.authorization.k8s.io', 'v1', [
    { kind: 'Role', plural: 'roles' },
    { kind: 'RoleBinding', plural: 'rolebindings' },
    { kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  ]),
  ...group('apiextensions.k8s.io', 'v1', [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      namespaced: false,
      subresources: status,
    },
  ]),
  ...group('admissionregistration.k8s.io', 'v1', [
    { kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations', categories: ['api-extensions'], namespaced: false },
    { kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations', categories: ['api-extensions'], namespaced: false },
    { kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies', categories: ['api-extensions'], namespaced: false },
    { kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings', categories: ['api-extensions'], namespaced: false },
  ]),
];
