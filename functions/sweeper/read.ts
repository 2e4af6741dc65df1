import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { StatusFields } from '../../shared/api/status.ts';
import type { RequestStatus } from '../../shared/api/remediation-request.ts';

/** The status of any of the five kinds, as listed: a resource whose schema is broken must be swept too, so nothing is parsed here. */
export function statusOf(object: KubernetesObject): Partial<StatusFields & Omit<RequestStatus, 'phase'>> {
  return (object['status'] ?? {}) as Partial<StatusFields & Omit<RequestStatus, 'phase'>>;
}
