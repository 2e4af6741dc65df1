import { valueAt, stringAt, listAt } from '../../shared/kubernetes/unstructured.ts';
import { remediationRequestLabel, traceparentAnnotation } from '../../shared/api/labels.ts';
import type { Instant } from '../../shared/api/time.ts';
import { draftAuditEvent } from '../../shared/audit/draft.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { sentenceOf, type Denied } from './rules/decision.ts';
import { isFunctions } from './rules/identity.ts';
import type { Review } from './rules/review.ts';
import type { Settings } from './settings.ts';

/** The row of a refused approval; null where nobody approved, or nothing would have been stored anyway. */
export function deniedRow(review: Review, denied: Denied, settings: Settings, now: Instant): AuditEvent | null {
  if (denied.approval === undefined || review.dryRun) return null;
  // Of the object under review the caller controls everything: what is stored tells which remediation it belongs to.
  const stored = review.oldObject ?? review.object;
  const text = (...path: readonly string[]) => stringAt(stored, ...path) ?? '';
  const owner = listAt(stored, 'metadata', 'ownerReferences').find((reference) => valueAt(reference, 'kind') === 'RemediationRequest');
  const phase = text('status', 'phase').slice(0, 63);
  const traceparent = text('metadata', 'annotations', traceparentAnnotation).slice(0, 55);
  return draftAuditEvent(
    {
      time: now,
      cluster: settings.cluster,
      correlationId: (text('spec', 'remediationRequestRef', 'uid') || (stringAt(owner, 'uid') ?? '')).slice(0, 64),
      requestName: text('spec', 'remediationRequestRef', 'name') || (stringAt(owner, 'name') ?? text('metadata', 'labels', remediationRequestLabel)),
      kind: review.kind,
      namespace: review.namespace.slice(0, 63),
      name: review.name.slice(0, 253),
      uid: text('metadata', 'uid').slice(0, 64),
      type: 'admission.denied',
      actor: { kind: isFunctions(review.user, settings) ? 'system' : 'user', name: review.user.name },
      phaseFrom: phase,
      phaseTo: phase,
      reason: denied.approval,
      message: sentenceOf(denied),
      resourceVersion: text('metadata', 'resourceVersion').slice(0, 64),
      ...(traceparent !== '' && { traceparent }),
    },
    [review.uid, 'admission.denied'],
  );
}
