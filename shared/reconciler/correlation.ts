import { remediationRequestLabel, requestedByAnnotation, traceparentAnnotation } from '../api/labels.ts';
import { stringAt } from '../kubernetes/unstructured.ts';
import type { Resource } from './room.ts';

/** The remediation that a resource belongs to. */
export interface Correlation {
  /** uid of the RemediationRequest; empty when only its name is known. */
  readonly correlationId: string;
  readonly requestName: string;
  /** W3C trace context; undefined when nobody traces. */
  readonly traceparent: string | undefined;
  /** Who asked for the remediation by hand; undefined when an alert did. */
  readonly requestedBy: string | undefined;
}

/** A request is its own; the others say it in their spec, else by their owner, else by their label. */
export function correlationOf(resource: Resource): Correlation {
  const { kind, metadata, spec } = resource;
  const { [traceparentAnnotation]: traceparent, [requestedByAnnotation]: requestedBy } = metadata.annotations ?? {};
  if (kind === 'RemediationRequest') return { correlationId: metadata.uid, requestName: metadata.name, traceparent, requestedBy };
  const owner = metadata.ownerReferences?.find((reference) => reference.kind === 'RemediationRequest');
  return {
    correlationId: stringAt(spec, 'remediationRequestRef', 'uid') ?? owner?.uid ?? '',
    requestName: stringAt(spec, 'remediationRequestRef', 'name') ?? owner?.name ?? metadata.labels?.[remediationRequestLabel] ?? '',
    traceparent,
    requestedBy,
  };
}
