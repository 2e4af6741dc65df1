import type { AlertMessage, AlertmanagerAlert } from '../../shared/queue/alert-message.ts';

/** A firing alert about production/payment-api, as one message of the queue. */
export function anAlertMessage(alert: Partial<AlertmanagerAlert> = {}, message: Partial<AlertMessage> = {}): AlertMessage {
  return {
    version: 1,
    receivedAt: '2026-01-15T10:35:00Z',
    source: 'alertmanager',
    receiver: 'kubernaut',
    groupKey: '{}:{alertname="PodMemoryHigh"}',
    externalURL: 'http://alertmanager.example',
    truncatedAlerts: 0,
    alert: {
      status: 'firing',
      labels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api', severity: 'critical' },
      annotations: { summary: 'Memory is high' },
      startsAt: '2026-01-15T10:34:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: '9c1f0f3e5b7a2d46',
      ...alert,
    },
    ...message,
  };
}
