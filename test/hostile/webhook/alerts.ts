import type { JsonObject } from '../../../shared/api/json.ts';

let made = 0;

/** A firing alert that nobody else has. */
export function aGoodAlert() {
  made += 1;
  const fingerprint = `900d${made.toString(16).padStart(12, '0')}`;
  const labels = { alertname: 'PodMemoryHigh', namespace: 'production', deployment: `good-${made}` };
  return {
    status: 'firing',
    labels,
    annotations: { summary: 'Memory is high' },
    startsAt: '2026-01-15T10:34:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint,
  };
}

/** As Alertmanager posts it. */
export function aNotification(alerts: readonly object[], overrides: JsonObject = {}): JsonObject {
  return {
    version: '4',
    groupKey: '{}:{alertname="PodMemoryHigh"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'kubernaut',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    alerts: alerts as readonly JsonObject[],
    ...overrides,
  };
}

export function anAlertWith(overrides: JsonObject): JsonObject {
  return { ...aGoodAlert(), ...overrides };
}
