import type { Instant } from '../api/time.ts';
import { draftAuditEvent } from '../audit/draft.ts';
import type { AuditEvent } from '../audit/event.ts';
import { correlationOf } from './correlation.ts';
import type { RecordAudit } from './effect.ts';
import { kindFacts } from './kind-facts.ts';
import type { Resource } from './room.ts';

/** The row of one effect: what the room told, and all that the kernel knows about the pass. A repeat on the same version gets the same id. */
export function auditRow(told: RecordAudit, resource: Resource, at: { readonly cluster: string; readonly now: Instant }): AuditEvent {
  const { kind, metadata } = resource;
  const { namespace, name, uid, resourceVersion } = metadata;
  const { correlationId, requestName, traceparent } = correlationOf(resource);
  const { type, phaseFrom, phaseTo, reason, message, discriminator = '', payload } = told;
  return draftAuditEvent(
    {
      time: at.now,
      cluster: at.cluster,
      correlationId,
      requestName,
      kind,
      namespace,
      name,
      uid,
      type,
      actor: told.actor ?? { kind: 'system', name: kindFacts[kind].functionName },
      phaseFrom,
      phaseTo,
      reason,
      message,
      payload,
      resourceVersion,
      ...(traceparent !== undefined && { traceparent }),
    },
    [uid, type, phaseFrom, phaseTo, discriminator, resourceVersion],
  );
}
