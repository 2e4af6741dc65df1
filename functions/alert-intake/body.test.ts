import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../shared/reconciler/delivery.ts';
import { anAlertMessage } from '../../test/support/alerts.ts';
import { aRecord } from '../../test/support/kernel.ts';
import { adaptRaw, bodyBytesMax, bodySchema } from './body.ts';

const alert = (overrides: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' },
  annotations: {},
  startsAt: '2026-01-15T10:34:00Z',
  fingerprint: '9c1f0f3e5b7a2d46',
  ...overrides,
});
const notification = (overrides: object = {}) => ({
  version: '4',
  groupKey: '{}:{}',
  receiver: 'sns',
  externalURL: 'http://am.example',
  alerts: [alert()],
  ...overrides,
});
/** As AWS documents the template: no version, no groupKey, Go's times. */
const fromManagedPrometheus = {
  receiver: 'default',
  status: 'firing',
  alerts: [alert({ startsAt: '2026-01-15 10:34:00.5 +0000 UTC', endsAt: '0001-01-01 00:00:00 +0000 UTC' })],
  groupLabels: { a: 'b' },
};
const envelope = (message: unknown, overrides: object = {}) => ({
  Type: 'Notification',
  MessageId: 'b1',
  TopicArn: 'arn:aws:sns:eu-central-1:123456789012:kubernaut-dev-alerts',
  Timestamp: '2026-01-15T10:34:05.123Z',
  Message: typeof message === 'string' ? message : JSON.stringify(message),
  ...overrides,
});

const sentMilliseconds = Date.parse('2026-01-15T10:34:06Z');
const read = (body: unknown) => {
  const record = aRecord(body);
  return readDelivery(
    { ...record, attributes: { ...record.attributes, SentTimestamp: String(sentMilliseconds) } },
    { schema: bodySchema, bodyBytesMax, adapt: adaptRaw },
    100,
  );
};

describe('a body of the alerts queue', () => {
  it.each<[sentence: string, body: unknown, expected: object]>([
    ['one alert of the webhook', anAlertMessage(), { source: 'alertmanager', receivedAt: '2026-01-15T10:35:00Z' }],
    ['a notification in the envelope of SNS', envelope(notification()), { source: 'sns', receivedAt: '2026-01-15T10:34:05.123Z', groupKey: '{}:{}' }],
    [
      'a notification that SNS delivers raw, with the time of the queue',
      notification(),
      { source: 'sns', receivedAt: '2026-01-15T10:34:06Z', receiver: 'sns' },
    ],
    [
      'what the template of Amazon Managed Prometheus makes',
      envelope(fromManagedPrometheus),
      {
        source: 'sns',
        groupKey: '',
        receiver: 'default',
        alert: expect.objectContaining({ startsAt: '2026-01-15T10:34:00.5+00:00', endsAt: '0001-01-01T00:00:00+00:00' }),
      },
    ],
    ['the same, raw', fromManagedPrometheus, { source: 'sns', receivedAt: '2026-01-15T10:34:06Z' }],
  ])('is taken: %s', (_sentence, body, expected) => {
    expect(read(body)).toMatchObject({ kind: 'taken', delivery: { body: [expected] } });
  });

  it('is every alert of a notification, and says how many nobody sent', () => {
    const body = envelope(notification({ truncatedAlerts: 7, alerts: [alert(), alert({ status: 'resolved', fingerprint: 'b' })] }));
    expect(read(body)).toMatchObject({ delivery: { body: [{ truncatedAlerts: 7 }, { truncatedAlerts: 7, alert: { status: 'resolved' } }] } });
  });

  it.each<[sentence: string, body: unknown, field: string, reason: string]>([
    ['a subscription to confirm', envelope('x', { Type: 'SubscriptionConfirmation' }), 'Type', 'must be Notification'],
    ['an envelope without its time', envelope(notification(), { Timestamp: 'yesterday' }), 'Timestamp', 'ISO'],
    ['an envelope without its message', envelope(notification(), { Message: undefined }), 'Message', 'expected string'],
    [
      'text, as Managed Prometheus sends without a template',
      envelope('Alerts Firing: …'),
      'Message',
      "send Alertmanager's notification of version 4, or what the JSON template",
    ],
    ['a notification that SNS cut', envelope(JSON.stringify(notification()).slice(0, 80)), 'Message', 'expected object'],
    ['an envelope in an envelope', envelope(envelope(notification())), 'Message.alerts', 'expected array'],
    ['another version', envelope(notification({ version: '3' })), 'Message.version', '"4"'],
    ['an alert without labels', envelope(notification({ alerts: [{ status: 'firing' }] })), 'Message.alerts[0].labels', 'expected record'],
    ['a label that is no text', envelope(notification({ alerts: [alert({ labels: { a: { $ne: 1 } } })] })), 'Message.alerts[0].labels.a', 'expected string'],
    ['an alert that is none', envelope(notification({ alerts: [null] })), 'Message.alerts[0]', 'expected object'],
    ['a time of nobody', notification({ alerts: [alert({ startsAt: '2026-13-45 99:00:00 +0000 UTC' })] }), 'alerts[0].startsAt', 'RFC 3339'],
    ['alerts that are no list', notification({ alerts: { length: 1 } }), 'alerts', 'expected array'],
    ['a nest without end', envelope(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'Message', 'expected object'],
    ['neither', { hello: 'world' }, 'version', 'expected 1'],
    ['a list', [], 'body', 'expected object'],
  ])('is refused with its field and reason: %s', (_sentence, body, field, reason) => {
    expect(read(body)).toMatchObject({ kind: 'rejected', rejection: { field, reason: expect.stringContaining(reason) } });
  });

  it('brings no prototype along', () => {
    const hostile = JSON.stringify(notification()).replace('"receiver"', '"__proto__":{"polluted":true},"receiver"');
    expect(read(envelope(hostile))).toMatchObject({ kind: 'taken' });
    expect({}).not.toHaveProperty('polluted');
  });

  it('is as large as SQS takes, and no larger', () => {
    const large = (characters: number) => envelope(notification({ alerts: [alert({ annotations: { description: 'x'.repeat(characters) } })] }));
    expect(read(large(1_000_000))).toMatchObject({ kind: 'taken' });
    expect(read(large(1_100_000))).toMatchObject({ kind: 'rejected', rejection: { field: 'body', reason: expect.stringContaining('bytes') } });
  });
});
