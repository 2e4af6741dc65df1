import { traceparentAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { millisecondsOf, type Instant } from '../../shared/api/time.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';

// Nothing is parsed here: a resource whose schema is broken must be swept too, and one of them must not end the run.

export function phaseOf(object: KubernetesObject): string {
  return stringAt(object, 'status', 'phase') ?? '';
}

export function isLive(object: KubernetesObject): boolean {
  return !isTerminal(phaseOf(object));
}

/** Null for what is absent or no time. */
export function instantAt(object: unknown, ...path: readonly string[]): Instant | null {
  const text = stringAt(object, ...path);
  if (text === null) return null;
  try {
    millisecondsOf(text);
    return text;
  } catch {
    return null;
  }
}

const statusFields = [
  'phase',
  'phaseStartTime',
  'completionTime',
  'conditions',
  'blockedBy',
  'cleanupScheduledAt',
  'outcome',
  'workflowResults',
  'alertStatus',
  'jobRef',
] as const;

/** As much of an object as a run looks at: thousands are held at once, and most of each is text about it. */
export function essenceOf(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels, finalizers, ownerReferences } = metadata;
  const traceparent = metadata.annotations?.[traceparentAnnotation];
  const status = Object.fromEntries(statusFields.map((field) => [field, valueAt(object, 'status', field)]).filter(([, value]) => value !== undefined));
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      deletionTimestamp,
      labels,
      finalizers,
      ownerReferences,
      ...(traceparent !== undefined && { annotations: { [traceparentAnnotation]: traceparent } }),
    },
    spec: { remediationRequestRef: valueAt(object, 'spec', 'remediationRequestRef'), holderIdentity: valueAt(object, 'spec', 'holderIdentity') },
    status,
  };
}
