import { remediationRequestLabel, traceparentAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { draftAuditEvent } from '../../shared/audit/draft.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { phaseOf } from './read.ts';

export interface SweepRow {
  readonly type: 'sweep.resent' | 'retention.deleted' | 'request.outcome';
  readonly message: string;
  readonly object: KubernetesObject;
  readonly payload?: Readonly<Record<string, string>>;
}

/** The id holds the object's version: a resource that stays where it is and is sent each minute leaves one row, not sixty an hour. */
export function sweepRow({ type, message, object, payload }: SweepRow, cluster: string, now: Instant): AuditEvent {
  const { uid = '', name, namespace = '', resourceVersion = '', annotations } = object.metadata;
  const phase = phaseOf(object);
  const traceparent = annotations?.[traceparentAnnotation];
  return draftAuditEvent(
    {
      time: now,
      cluster,
      ...requestOf(object),
      kind: object.kind,
      namespace,
      name,
      uid,
      type,
      actor: { kind: 'system', name: 'sweeper' },
      phaseFrom: phase,
      phaseTo: phase,
      reason: '',
      message,
      resourceVersion,
      ...(traceparent !== undefined && { traceparent }),
      ...(payload !== undefined && { payload }),
    },
    [uid, type, resourceVersion],
  );
}

function requestOf(object: KubernetesObject): { readonly correlationId: string; readonly requestName: string } {
  if (object.kind === 'RemediationRequest') return { correlationId: object.metadata.uid ?? '', requestName: object.metadata.name };
  const ref = (field: 'uid' | 'name') => stringAt(object, 'spec', 'remediationRequestRef', field);
  return { correlationId: ref('uid') ?? '', requestName: ref('name') ?? object.metadata.labels?.[remediationRequestLabel] ?? '' };
}
