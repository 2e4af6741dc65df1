import type { AuditEvent } from '../../shared/audit/event.ts';

/** Of request rr-1 that begins to be processed. */
export function anAuditRow(overrides: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: '00000000-0000-5000-8000-000000000001',
    time: '2026-01-15T10:35:45Z',
    cluster: 'primary-cluster',
    correlationId: 'rr1',
    requestName: 'rr-1',
    kind: 'RemediationRequest',
    namespace: 'kubernaut-system',
    name: 'rr-1',
    uid: 'rr1',
    type: 'request.phase',
    actor: { kind: 'system', name: 'remediation-orchestrator' },
    phaseFrom: '',
    phaseTo: 'processing',
    reason: '',
    message: 'begun',
    resourceVersion: '1',
    ...overrides,
  };
}
