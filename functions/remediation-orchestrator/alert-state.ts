import type { RemediationRequest } from '../../shared/api/remediation-request.ts';

/** alert-intake writes it as the alert's messages arrive; until the first of them the alert fires, as the request says. */
export function alertIsResolved({ status }: RemediationRequest): boolean {
  return status?.alertStatus?.state === 'resolved';
}
