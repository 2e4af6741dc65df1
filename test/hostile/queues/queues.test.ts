import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStoryStack, type StoryStack } from '../../../infra/local/stack/story-stack.ts';
import { listAll } from '../../../infra/local/story/observe.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { KindName, kinds } from '../../../shared/api/kinds.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { DeadLetterQueueName, QueueName } from '../../../shared/queue/ports.ts';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import { anAlert, badMessages, goodMessage, oddMessages } from '../../support/bad-input.ts';
import { expectAlways, tell } from '../sweep.ts';

const root = join(import.meta.dirname, '../../..');
const deep = '['.repeat(131_072) + ']'.repeat(131_072); // 256 KiB

let stack: StoryStack;
let deadLetters = 0;
beforeAll(async () => {
  stack = await startStoryStack({ root, logger: silentLogger });
});
afterAll(() => stack.stop());

/** As any sender with the right to send may write it: our own port sends nothing but JSON. */
const write = (queue: QueueName, body: string) => stack.queues.sendRaw(queue as unknown as DeadLetterQueueName, body, {});

async function elapse(seconds: number): Promise<void> {
  const end = stack.clock.milliseconds() + seconds * 1_000;
  void stack.clock.sleep(seconds * 1_000);
  await stack.clock.run(() => stack.clock.milliseconds() >= end, { virtualSeconds: seconds + 1 });
}

function totals() {
  const each = [...stack.counts.all().values()];
  return { records: each.reduce((sum, { records }) => sum + records, 0), failures: each.reduce((sum, { failures }) => sum + failures, 0) };
}

type Bad = readonly [body: string, field: string, reason: string];

/** Each bad body is there once, byte for byte, with its field and reason; and nothing else is. */
function expectBuried(queue: QueueName, bad: readonly Bad[]): void {
  const byBody = (a: { readonly body: string }, b: { readonly body: string }) => (a.body < b.body ? -1 : 1);
  const wanted = bad.map(([body, field, reason]) => ({ body, attributes: { field, reason: expect.stringContaining(reason) } }));
  expect(stack.queues.peek(`${queue}-dlq`).toSorted(byBody)).toEqual(wanted.toSorted(byBody));
  deadLetters += bad.length;
}

describe.each(KindName)('the queue of %s', (kind) => {
  const { queue } = kinds[kind];
  const bad = badMessages(kind);

  it('sends what can never be handled to its dead letters, byte for byte with the reason, and handles its neighbours', async () => {
    const before = totals();
    for (const [, body] of bad) {
      await write(queue, body);
      await write(queue, goodMessage(kind));
    }
    for (const body of oddMessages(kind)) await write(queue, body);
    await elapse(1);
    expectBuried(
      queue,
      bad.map(([, body, field, reason]) => [body, field, reason]),
    );
    const own = new Set([goodMessage(kind), ...oddMessages(kind), ...bad.map(([, body]) => body)]);
    expect(stack.queues.peek(queue).filter(({ body }) => own.has(body))).toEqual([]);
    // A key of nobody is handled as well as any: there is nothing to do.
    expect(totals()).toEqual({ records: before.records + 2 * bad.length + oddMessages(kind).length, failures: before.failures });
  });
});

const anAlertMessage = (name: string, overrides: JsonObject = {}) => ({
  version: 1,
  receivedAt: stack.clock.now(),
  source: 'alertmanager',
  receiver: 'kubernaut',
  groupKey: '{}',
  externalURL: '',
  truncatedAlerts: 0,
  alert: anAlert(name, { namespace: 'production', deployment: 'payment-api' }),
  ...overrides,
});

describe('the queue of alerts', () => {
  it('sends what is no alert to its dead letters, and takes the alert beside it', async () => {
    const { status: _status, ...alert } = anAlert('neighbour', {});
    const withAlert = (overrides: JsonObject) => JSON.stringify(anAlertMessage('a', { alert: { ...alert, status: 'firing', ...overrides } }));
    const envelope = { Type: 'Notification', Timestamp: '2026-01-15T10:34:00.000Z', Message: '{}' };
    const bad: readonly Bad[] = [
      ['alert!', 'body', 'is not JSON'],
      ['', 'body', 'is not JSON'],
      ['\u0000', 'body', 'is not JSON'],
      ['null', 'body', 'Invalid input'],
      ['[]', 'body', 'Invalid input'],
      [deep, 'body', 'is nested deeper than 100 levels'],
      ['['.repeat(50_000) + ']'.repeat(50_000), 'body', 'is nested deeper than 100 levels'],
      [JSON.stringify(anAlertMessage('a', { version: 2 })), 'version', 'Invalid'],
      [JSON.stringify(anAlertMessage('a', { version: '1' })), 'version', 'Invalid'],
      [JSON.stringify(anAlertMessage('a')).replace('"version":1', '"__proto__":{"version":1}'), 'version', 'Invalid'],
      [JSON.stringify(anAlertMessage('a', { receivedAt: 'now' })), 'receivedAt', 'Invalid'],
      [JSON.stringify(anAlertMessage('a', { receivedAt: '2026-01-15T10:34:00.0123456789Z' })), 'receivedAt', 'nine decimals'],
      [JSON.stringify(anAlertMessage('a', { source: 'pager' })), 'source', 'Invalid option'],
      [JSON.stringify(anAlertMessage('a', { groupKey: 'g'.repeat(1_025) })), 'groupKey', 'Too big'],
      [JSON.stringify(anAlertMessage('a', { alert: null as never })), 'alert', 'Invalid input'],
      [JSON.stringify(anAlertMessage('a', { alert })), 'alert.status', 'Invalid option'],
      [withAlert({ startsAt: 'now' }), 'alert.startsAt', 'must be an RFC 3339 time'],
      [withAlert({ startsAt: '0000-01-01T00:00:00+12:00' }), 'alert.startsAt', 'must be an RFC 3339 time'],
      [withAlert({ labels: { severity: 1 } }), 'alert.labels.severity', 'expected string'],
      [withAlert({ labels: null as never }), 'alert.labels', 'Invalid input'],
      [withAlert({ annotations: [] as never }), 'alert.annotations', 'Invalid input'],
      [withAlert({ fingerprint: 'f'.repeat(129) }), 'alert.fingerprint', 'Too big'],
      [JSON.stringify(anAlertMessage('a', { note: 'x'.repeat(1_100_000) })), 'body', 'bytes'],
      [JSON.stringify({ ...envelope, Type: 'SubscriptionConfirmation' }), 'Type', 'must be Notification'],
      [JSON.stringify({ ...envelope, Timestamp: '2026-01-15T10:34:00.0123456789Z' }), 'Timestamp', 'nine decimals'],
      [JSON.stringify({ ...envelope, Message: 'PodMemoryHigh is firing' }), 'Message', "send Alertmanager's notification"],
    ];
    const before = totals();
    for (const [body] of bad) await write('alerts', body);
    await write('alerts', JSON.stringify(anAlertMessage('neighbour', { note: 'nobody knows it' })));
    await elapse(1);
    expectBuried('alerts', bad);
    expect(totals().failures).toBe(before.failures);
    const requests = await listAll(stack.admin, { apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest' });
    expect(requests.filter((request) => stringAt(request, 'spec', 'alertName') === 'neighbour')).toHaveLength(1);
  });

  it('makes a request of any alert that is one, whatever its texts hold', async () => {
    const unit = fc.constantFrom(...'ab0 -./\\$(){};|&`"\'\n\t\u0000\u001b\u202e\u200b\ud800\uffffé你😀<>%');
    const text = fc.string({ unit, maxLength: 40 });
    const name = fc.oneof(
      text,
      fc.constantFrom(
        'namespace',
        'deployment',
        'pod',
        'node',
        'severity',
        'cluster',
        'alertname',
        '__proto__',
        'constructor',
        'kubernaut.io/target-kind',
        'kubernaut.io/target-name',
      ),
    );
    const alerts = fc.array(
      fc.record({
        labels: fc.dictionary(name, text, { maxKeys: 70 }),
        annotations: fc.dictionary(text, text),
        fingerprint: fc.option(text, { nil: undefined }),
        generatorURL: text,
      }),
      { minLength: 10, maxLength: 10 },
    );
    const before = totals();
    let made = 0;
    await expectAlways('alerts, any texts', 12, alerts, async (each) => {
      for (const [index, alert] of each.entries()) {
        const { fingerprint, ...rest } = alert;
        const started = new Date(Date.parse('2026-01-01T00:00:00Z') + (made + index) * 1_000).toISOString();
        const body = {
          ...anAlertMessage('a'),
          alert: { status: 'firing', startsAt: started, ...rest, ...(fingerprint !== undefined && { fingerprint: `${fingerprint}${made + index}` }) },
        };
        await write('alerts', JSON.stringify(body));
      }
      made += each.length;
      await elapse(1);
    });
    expect(totals().failures).toBe(before.failures);
    expect(stack.queues.peek('alerts-dlq')).toHaveLength(deadLettersOf('alerts'));
    tell(`alerts: ${made} of any texts, each handled at its first receive`);
  });
});

/** Those that an earlier test has accounted for. */
function deadLettersOf(queue: QueueName): number {
  return stack.queues.peek(`${queue}-dlq`).filter(({ attributes }) => attributes['field'] !== undefined).length;
}

describe('the queue of the audit', () => {
  it('sends what is no row to its dead letters, and stores the row beside it', async () => {
    const row = {
      id: '00000000-0000-5000-8000-00000000beef',
      time: stack.clock.now(),
      cluster: 'primary-cluster',
      correlationId: 'rr-bad-input',
      requestName: 'rr-1',
      kind: 'RemediationRequest',
      namespace: 'kubernaut-system',
      name: 'rr-1',
      uid: 'u',
      type: 'request.phase',
      actor: { kind: 'system', name: 'somebody' },
      phaseFrom: '',
      phaseTo: 'processing',
      reason: '',
      message: "'; drop table audit_event; --",
      resourceVersion: '1',
    };
    const bad: readonly Bad[] = [
      ['<row/>', 'body', 'is not JSON'],
      ['null', 'body', 'Invalid input'],
      [deep, 'body', 'bytes'],
      [JSON.stringify(row).replace('"reason"', `"payload":${'['.repeat(20_000)}${']'.repeat(20_000)},"reason"`), 'body', 'is nested deeper than 100 levels'],
      [JSON.stringify({ ...row, id: 'first' }), 'id', 'Invalid'],
      [JSON.stringify({ ...row, id: '../../etc' }), 'id', 'Invalid'],
      [JSON.stringify({ ...row, time: 'yesterday' }), 'time', 'Invalid'],
      [JSON.stringify({ ...row, actor: { kind: 'ghost', name: '' } }), 'actor.kind', 'Invalid'],
      [JSON.stringify({ ...row, actor: 'somebody' }), 'actor', 'Invalid'],
      [JSON.stringify({ ...row, type: 'request.phase; drop table' }), 'type', 'Invalid'],
      [JSON.stringify({ ...row, message: 'x'.repeat(1_025) }), 'message', 'Too big'],
      [JSON.stringify({ ...row, uid: 'u'.repeat(65) }), 'uid', 'Too big'],
      [JSON.stringify({ ...row, payload: 'x' }), 'payload', 'Invalid'],
      [JSON.stringify(row).replace('"id"', '"__proto__"'), 'id', 'Invalid'],
      [JSON.stringify({ ...row, note: 'x'.repeat(70_000) }), 'body', 'bytes'],
    ];
    const odd = [
      { ...row, id: '00000000-0000-5000-8000-00000000bee0', message: 'a\u0000b\ud800\u001b', unknown: {} },
      { ...row, id: '00000000-0000-5000-8000-00000000bee1', payload: { constructor: { prototype: 1 }, 'a\u0000': '\ud800', null: null } },
    ];
    const before = totals();
    for (const [body] of bad) await write('audit', body);
    for (const each of [row, ...odd]) await write('audit', JSON.stringify(each));
    await elapse(3);
    expectBuried('audit', bad);
    expect(totals().failures).toBe(before.failures);
    const stored = await stack.database.selectFrom('audit_event').select(['message']).where('correlation_id', '=', 'rr-bad-input').orderBy('id').execute();
    expect(stored.map(({ message }) => message)).toEqual(['a\ufffdb\ufffd\u001b', row.message, row.message]);
    tell(`queues: ${deadLetters} dead letters, each byte for byte with its field and reason`);
  });
});
