import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../shared/api/json.ts';
import { messageText } from '../../shared/queue/message-text.ts';
import { alertMessageBytesMax, alertMessageSchema } from '../../shared/queue/alert-message.ts';
import type { OutgoingMessage } from '../../shared/queue/ports.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { createApp } from './app.ts';

const token = 'a-token-of-enough-length';
const next = 'the-token-that-comes-after';
const alert = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  status: 'firing',
  labels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' },
  annotations: {},
  startsAt: '2026-01-15T10:34:00.5+01:00',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example/graph',
  fingerprint: 'a3f5e2c1b4d60798',
  ...overrides,
});
const notification = (alerts: readonly unknown[] = [alert()]) => ({
  version: '4',
  groupKey: '{}:{}',
  receiver: 'kubernaut',
  externalURL: 'http://am.example',
  alerts,
});

function aWebhook(options: { readonly queueIsAway?: boolean; readonly bodyBytesMax?: number } = {}) {
  const queued: OutgoingMessage[] = [];
  const app = createApp({
    queues: {
      send: (_queue, messages) => {
        if (options.queueIsAway === true) return Promise.reject(new Error('no queue'));
        queued.push(...messages);
        return Promise.resolve();
      },
    },
    clock: { milliseconds: () => Date.parse('2026-01-15T09:35:00Z') },
    logger: silentLogger,
    bodyBytesMax: options.bodyBytesMax ?? 1_000_000,
    tokens: () => Promise.resolve([token, next]),
  });
  const post = async (body: unknown, authorization = `Bearer ${token}`) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { authorization, 'content-length': String(bytesOf(text)) };
    const answer = await app.request('/alerts', { method: 'POST', headers, body: text });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { queued, post, app };
}

describe('the webhook', () => {
  it('queues one message per alert, and answers 200 only then', async () => {
    const { post, queued } = aWebhook();
    const answer = await post(notification([alert(), alert({ status: 'resolved', fingerprint: 'b' })]));
    expect(answer).toEqual({ status: 200, body: { accepted: 2 } });
    expect(queued.map(({ body }) => alertMessageSchema.parse(body).alert.status)).toEqual(['firing', 'resolved']);
    expect(queued[0]?.body).toMatchObject({ version: 1, receivedAt: '2026-01-15T09:35:00Z', source: 'alertmanager', receiver: 'kubernaut' });
  });

  it('takes both tokens while one is rotated', async () => {
    const { post } = aWebhook();
    expect((await post(notification(), `Bearer ${next}`)).status).toBe(200);
    expect((await post(notification(), `bearer ${next}`)).status).toBe(200);
  });

  it.each<[string, string]>([
    ['none', ''],
    ['a wrong one', 'Bearer wrong'],
    ['a prefix of the right one', `Bearer ${token.slice(0, -1)}`],
    ['the right one as basic authentication', `Basic ${token}`],
    ['an empty one', 'Bearer '],
  ])('answers 401 to a token that is %s', async (_sentence, authorization) => {
    const { post, queued } = aWebhook();
    expect((await post(notification(), authorization)).status).toBe(401);
    expect(queued).toEqual([]);
  });

  it('answers 503 when the queue is away, so that Alertmanager sends again', async () => {
    const { post } = aWebhook({ queueIsAway: true });
    expect((await post(notification())).status).toBe(503);
  });

  it('answers 413 above the bound and names the remedy', async () => {
    const { post } = aWebhook({ bodyBytesMax: 100 });
    const answer = await post(notification());
    expect(answer.status).toBe(413);
    expect(answer.body['error']).toContain("group by ['...']");
  });

  it.each<[string, unknown, string]>([
    ['a version that we do not know', { ...notification(), version: '5' }, 'version'],
    ['an alert without labels', notification([alert({ labels: undefined })]), 'alerts[0].labels'],
    ['a start that is no time', notification([alert({ startsAt: 'yesterday' })]), 'alerts[0].startsAt'],
    ['a start of more decimals than are kept', notification([alert({ startsAt: '2026-01-15T10:34:00.0123456789Z' })]), 'alerts[0].startsAt'],
    ['an end in the year 10000 of UTC', notification([alert({ endsAt: '9999-12-31T23:59:59-12:00' })]), 'alerts[0].endsAt'],
    [
      'more alerts than a function can queue in its time',
      notification(Array.from({ length: 10_001 }, () => ({ status: 'firing', labels: {}, startsAt: '2026-01-15T10:34:00Z' }))),
      'alerts',
    ],
    ['a body of a template', { text: 'PodMemoryHigh' }, 'groupKey'],
    ['a list', [], 'body'],
  ])('answers 400 to %s and names the field', async (_sentence, body, field) => {
    const answer = await aWebhook().post(body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body['fields'])).toContain(`"${field}: `);
  });

  it.each<[sentence: string, body: string | Uint8Array<ArrayBuffer>, init: RequestInit, status: number, words: string]>([
    ['what is no JSON', '{"version":', {}, 400, 'the body is not JSON'],
    ['what is no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400, 'the body is not UTF-8'],
    ['a key that stands there twice', '{"a":1,"a":2}', {}, 400, 'a: this key is there twice'],
    ['what is compressed', '{}', { headers: { 'content-encoding': 'gzip' } }, 415, 'without compression'],
    ['another method', '{}', { method: 'PUT' }, 405, 'by POST'],
  ])('answers %s with a remedy', async (_sentence, body, { method = 'POST', headers = {} }, status, words) => {
    const answer = await aWebhook().app.request('/alerts', {
      method,
      body,
      headers: { authorization: `Bearer ${token}`, ...(headers as Record<string, string>) },
    });
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
  });

  it('answers 404 with the path that there is', async () => {
    const answer = await aWebhook().app.request('/alert');
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('/alerts')]);
  });

  it('answers 400 to a body whose sender goes away', async () => {
    const body = new ReadableStream({
      pull: () => Promise.reject(new Error('reset')),
    });
    const init = { method: 'POST', body, duplex: 'half' as const, headers: { authorization: `Bearer ${token}` } };
    expect((await aWebhook().app.request('/alerts', init)).status).toBe(400);
  });

  it('never drops an alert for its size: annotations go first, the largest before the others, then labels that name no target', async () => {
    const { post, queued } = aWebhook();
    const huge = alert({
      annotations: { summary: 'Memory is high', dump: 'x'.repeat(200_000), log: 'y'.repeat(100_000) },
      labels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api', note: 'z'.repeat(300_000) },
    });
    expect((await post(notification([huge]))).status).toBe(200);
    const message = alertMessageSchema.parse(queued[0]?.body);
    expect(bytesOf(JSON.stringify(message))).toBeLessThanOrEqual(alertMessageBytesMax);
    expect(message.alert.labels).toEqual({ alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' });
    expect(message.alert.annotations).toEqual({ 'kubernaut.io/truncated': 'true' });
  });

  it('measures a message as it is written: what is escaped in it is twice as long as in the body', async () => {
    const { post, queued } = aWebhook();
    const labels = { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' };
    await post(notification([alert({ labels, annotations: { summary: 'Memory is high', dump: '\uFFFF'.repeat(60_000) } })]));
    expect(bytesOf(messageText(queued[0]?.body ?? null))).toBeLessThanOrEqual(alertMessageBytesMax);
    expect(alertMessageSchema.parse(queued[0]?.body).alert.annotations).toEqual({ summary: 'Memory is high', 'kubernaut.io/truncated': 'true' });
  });

  it('keeps what fits', async () => {
    const { post, queued } = aWebhook();
    await post(notification([alert({ annotations: { summary: 'Memory is high', dump: 'x'.repeat(250_000) } })]));
    expect(alertMessageSchema.parse(queued[0]?.body).alert.annotations).toEqual({ summary: 'Memory is high', 'kubernaut.io/truncated': 'true' });
  });
});
