import { expectedTargetHash } from '../../../shared/api/alert-target.ts';
import {
  alertLabel,
  cancelledByAnnotation,
  fingerprintLabel,
  remediationRequestLabel,
  requestedByAnnotation,
  targetHashLabel,
  traceparentAnnotation,
} from '../../../shared/api/labels.ts';
import { labelLengthMax, labelValue } from '../../../shared/api/names.ts';
import type { RequestSpec } from '../../../shared/api/remediation-request.ts';
import { traceparentOf } from '../../../shared/api/traceparent.ts';
import type { User } from './review.ts';

type Described = Pick<RequestSpec, 'alertFingerprint' | 'alertName' | 'targetCluster' | 'firingTime' | 'cancel'> & { readonly target?: RequestSpec['target'] };

/** The labels that a request made of an alert carries. A generated name is not known yet, and one too long is the definition's to refuse. */
export function labelsByHand({ alertFingerprint, alertName, target, targetCluster }: Described, name: string): Readonly<Record<string, string>> {
  const alert = labelValue(alertName);
  const hash = expectedTargetHash(target ?? null, targetCluster);
  return {
    ...(name !== '' && name.length <= labelLengthMax && { [remediationRequestLabel]: name }),
    [fingerprintLabel]: labelValue(alertFingerprint),
    ...(alert !== '' && { [alertLabel]: alert }),
    ...(hash !== undefined && { [targetHashLabel]: hash }),
  };
}

export function annotationsByHand({ alertFingerprint, firingTime, cancel }: Described, user: User): Readonly<Record<string, string>> {
  return {
    [requestedByAnnotation]: user.name,
    ...(cancel && { [cancelledByAnnotation]: user.name }),
    [traceparentAnnotation]: traceparentOf({ fingerprint: alertFingerprint, startsAt: firingTime }),
  };
}
