import type { ObjectKey } from './ports.ts';

interface KindPath {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Kinds that the product touches. A kind that is missing here is a caller's bug, so discovery is never asked. */
const kinds: Readonly<Record<string, KindPath>> = {
  'v1/Namespace': { plural: 'namespaces', namespaced: false },
  'v1/Node': { plural: 'nodes', namespaced: false },
  'v1/Pod': { plural: 'pods', namespaced: true },
  'v1/Event': { plural: 'events', namespaced: true },
  'v1/ConfigMap': { plural: 'configmaps', namespaced: true },
  'v1/ResourceQuota': { plural: 'resourcequotas', namespaced: true },
  'v1/PersistentVolumeClaim': { plural: 'persistentvolumeclaims', namespaced: true },
  'v1/ServiceAccount': { plural: 'serviceaccounts', namespaced: true },
  'apps/v1/Deployment': { plural: 'deployments', namespaced: true },
  'apps/v1/ReplicaSet': { plural: 'replicasets', namespaced: true },
  'apps/v1/StatefulSet': { plural: 'statefulsets', namespaced: true },
  'apps/v1/DaemonSet': { plural: 'daemonsets', namespaced: true },
  'batch/v1/Job': { plural: 'jobs', namespaced: true },
  'batch/v1/CronJob': { plural: 'cronjobs', namespaced: true },
  'autoscaling/v2/HorizontalPodAutoscaler': { plural: 'horizontalpodautoscalers', namespaced: true },
  'policy/v1/PodDisruptionBudget': { plural: 'poddisruptionbudgets', namespaced: true },
  'coordination.k8s.io/v1/Lease': { plural: 'leases', namespaced: true },
  'authorization.k8s.io/v1/SubjectAccessReview': { plural: 'subjectaccessreviews', namespaced: false },
  'rbac.authorization.k8s.io/v1/Role': { plural: 'roles', namespaced: true },
  'rbac.authorization.k8s.io/v1/RoleBinding': { plural: 'rolebindings', namespaced: true },
  'rbac.authorization.k8s.io/v1/ClusterRole': { plural: 'clusterroles', namespaced: false },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { plural: 'clusterrolebindings', namespaced: false },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': { plural: 'validatingadmissionpolicies', namespaced: false },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': { plural: 'validatingadmissionpolicybindings', namespaced: false },
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': { plural: 'mutatingwebhookconfigurations', namespaced: false },
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': { plural: 'validatingwebhookconfigurations', namespaced: false },
  'apiextensions.k8s.io/v1/CustomResourceDefinition': { plural: 'customresourcedefinitions', namespaced: false },
  'remediation.kubernaut.io/v1/RemediationRequest': { plural: 'remediationrequests', namespaced: true },
  'remediation.kubernaut.io/v1/RemediationProcessing': { plural: 'remediationprocessings', namespaced: true },
  'aianalysis.kubernaut.io/v1/AIAnalysis': { plural: 'aianalyses', namespaced: true },
  'workflow.kubernaut.io/v1/WorkflowExecution': { plural: 'workflowexecutions', namespaced: true },
  'executor.kubernaut.io/v1/KubernetesExecution': { plural: 'kubernetesexecutions', namespaced: true },
};

/** `/apis/apps/v1/namespaces/production/deployments`, or over all namespaces when none is given. */
export function collectionPath(kind: { readonly apiVersion: string; readonly kind: string }, namespace: string | undefined): string {
  const { plural, namespaced } = kindPath(kind);
  const root = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  return namespaced && namespace !== undefined ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
}

/** Throws RangeError for a namespaced kind without a namespace: the caller would otherwise reach another object. */
export function objectPath(key: ObjectKey, subresource?: string): string {
  if (kindPath(key).namespaced && (key.namespace ?? '') === '') throw new RangeError(`${key.kind} ${key.name}: namespace is missing`);
  const path = `${collectionPath(key, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

function kindPath({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): KindPath {
  const found = kinds[`${apiVersion}/${kind}`];
  if (found === undefined) throw new RangeError(`kind ${apiVersion}/${kind} has no path: add it to shared/kubernetes/resource-path.ts`);
  return found;
}
