/** Labels on what we make. */
export const managedByLabel = 'app.kubernetes.io/managed-by';
export const remediationRequestLabel = 'kubernaut.io/remediation-request';
export const fingerprintLabel = 'kubernaut.io/fingerprint';
export const alertLabel = 'kubernaut.io/alert';
export const targetHashLabel = 'kubernaut.io/target-hash';
export const executionLabelKey = 'kubernaut.io/execution';
export const actionLabel = 'kubernaut.io/action';

/** Annotations that a person writes on a WorkflowExecution. */
export const approveAnnotation = 'workflow.kubernaut.io/approve';
export const rejectAnnotation = 'workflow.kubernaut.io/reject';
/** Stamps that only admission writes: who decided, when, and on which plan. */
export const decidedByAnnotation = 'workflow.kubernaut.io/decided-by';
export const decidedAtAnnotation = 'workflow.kubernaut.io/decided-at';
export const planDigestAnnotation = 'workflow.kubernaut.io/plan-digest';

/** Who made the request by hand: stamped by admission, and carried from parent to child, so that nobody approves a plan of their own where that is forbidden. */
export const requestedByAnnotation = 'kubernaut.io/requested-by';

/** Who set spec.cancel of a request: stamped by admission, for the audit. */
export const cancelledByAnnotation = 'kubernaut.io/cancelled-by';

/** Written by a parent on a live child, when it is cancelled or past its deadline. */
export const cancelRequestedAnnotation = 'kubernaut.io/cancel-requested';
/** Written by a person on a Namespace. */
export const pausedAnnotation = 'kubernaut.io/paused';
/** On a suspended Job that took its name so that nothing can act under it; the value is the verdict's reason. */
export const voidAnnotation = 'kubernaut.io/void';
export const traceparentAnnotation = 'kubernaut.io/traceparent';
/** Alert annotation: the alert lost labels or annotations to fit its message. */
export const truncatedAnnotation = 'kubernaut.io/truncated';

/** Alert labels that name a target or a cluster outright. */
export const targetKindLabel = 'kubernaut.io/target-kind';
export const targetNameLabel = 'kubernaut.io/target-name';
export const clusterLabel = 'kubernaut.io/cluster';
/** Namespace label that states the environment. */
export const environmentLabel = 'kubernaut.io/environment';

/** Holds a Job until its jobRef is in the status. */
export const unrecordedFinalizer = 'kubernaut.io/unrecorded';

/** Field manager, user agent and value of the managed-by label. */
export const fieldManager = 'kubernaut';

export const defaultNamespace = 'kubernaut-system';
export const defaultCluster = 'primary-cluster';

/** Namespaces whose objects no action may touch. */
export const protectedNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', defaultNamespace] as const;

export function isProtectedNamespace(namespace: string): boolean {
  return protectedNamespaces.some((name) => name === namespace);
}
