import type { RemediationProcessing, ProcessingSpec, ProcessingStatus } from '../../shared/api/remediation-processing.ts';

/** A processing of the alert about production/payment-api, in `enriching`. */
export function aProcessing(spec: Partial<ProcessingSpec> = {}, status: Partial<ProcessingStatus> = {}): RemediationProcessing {
  return {
    apiVersion: 'remediation.kubernaut.io/v1',
    kind: 'RemediationProcessing',
    metadata: { name: 'rr-1-processing', namespace: 'kubernaut-system', uid: 'rp1', resourceVersion: '7', generation: 1 },
    spec: {
      remediationRequestRef: { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1' },
      alert: {
        name: 'PodMemoryHigh',
        fingerprint: 'a3f5e2c1b4d60798',
        severity: 'critical',
        labels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' },
        annotations: {},
        firingTime: '2026-01-15T10:34:00Z',
      },
      target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      targetCluster: 'primary-cluster',
      ...spec,
    },
    status: { phase: 'enriching', startTime: '2026-01-15T10:35:00Z', phaseStartTime: '2026-01-15T10:35:00Z', ...status },
  };
}
