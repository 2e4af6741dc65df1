import { phaseOf } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import { traceparentOf } from '../../shared/api/traceparent.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { draftAuditEvent } from '../../shared/audit/draft.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import type { AlertMessage } from '../../shared/queue/alert-message.ts';
import { firingOf, nameOf } from './request.ts';

type AlertRowType = 'alert.deduplicated' | 'alert.resolved' | 'alert.ignored' | 'alert.truncated' | 'request.created' | 'request.outcome';

export interface AlertRow {
  readonly type: AlertRowType;
  readonly message: string;
  /** Null: there is no request, and none is made. */
  readonly request: RemediationRequest | null;
  readonly payload?: Readonly<Record<string, string>>;
}

export interface Arrival {
  readonly message: AlertMessage;
  readonly messageId: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly now: Instant;
}

/** What happens once to a request, whichever message tells it. */
const birthTypes: readonly AlertRowType[] = ['request.created', 'alert.truncated'];

/** The id is derived from the firing and the message: a redelivered message writes the same row again, which the database ignores. */
export function alertRow(arrival: Arrival, { type, message: text, request, payload }: AlertRow): AuditEvent {
  const { message, messageId, cluster, namespace, now } = arrival;
  const firing = firingOf(message);
  const subject = request === null ? { ...nobody, name: nameOf(firing) } : subjectOf(request);
  return draftAuditEvent(
    {
      ...subject,
      time: now,
      cluster,
      kind: 'RemediationRequest',
      namespace,
      type,
      actor: { kind: 'system', name: 'alert-intake' },
      reason: '',
      message: text,
      traceparent: traceparentOf(firing),
      ...(payload !== undefined && { payload }),
    },
    [firing.fingerprint, firing.startsAt, birthTypes.includes(type) ? '' : messageId, type, subject.uid],
  );
}

const nobody = { correlationId: '', requestName: '', uid: '', resourceVersion: '', phaseFrom: '', phaseTo: '' };

function subjectOf(request: RemediationRequest) {
  const { uid, name, resourceVersion } = request.metadata;
  const phase = phaseOf(request);
  return { correlationId: uid, requestName: name, name, uid, resourceVersion, phaseFrom: phase, phaseTo: phase };
}
