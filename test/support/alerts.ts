import { sha256Hex } from '../../shared/api/digest.ts';
import type { JsonObject } from '../../shared/api/json.ts';
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

/** One firing alert with these labels, as Alertmanager posts it; its fingerprint follows from them. */
export function aNotificationWith(labels: Readonly<Record<string, string>>, startsAt: string): JsonObject {
  const fingerprint = sha256Hex(JSON.stringify(labels)).slice(0, 16);
  const alert = { status: 'firing', labels, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z', generatorURL: '', fingerprint };
  return {
    version: '4',
    groupKey: `{}:{alertname="${labels['alertname'] ?? ''}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tests',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: '',
    alerts: [alert],
  };
}
