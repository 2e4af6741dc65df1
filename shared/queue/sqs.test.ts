import { describe, expect, it } from 'vitest';
import { sqsTwin, type SqsTwin } from '../../test/support/sqs-twin.ts';
import { stillClock } from '../../test/support/kernel.ts';
import { endingBy } from '../time-left.ts';
import { SendFailed, type OutgoingMessage, type Queues } from './ports.ts';
import { sqsQueues } from './sqs.ts';

const urlPrefix = 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-';
const queuesOf = ({ client }: SqsTwin) => sqsQueues({ client, urlPrefix });
const messages = (count: number): OutgoingMessage[] => Array.from({ length: count }, (_, index) => ({ body: { index } }));

describe('sending', () => {
  it('goes to the queue of the stage, in order, with delay and attributes', async () => {
    const twin = sqsTwin();
    await queuesOf(twin).send('ai-analyses', [{ body: { a: 1 }, delaySeconds: 900, attributes: { traceparent: '00-x', nothing: '' } }, { body: 'text' }]);
    expect(twin.kept).toEqual([
      { url: `${urlPrefix}ai-analyses`, body: '{"a":1}', delaySeconds: 900, attributes: { traceparent: '00-x' } },
      { url: `${urlPrefix}ai-analyses`, body: '"text"', delaySeconds: 0, attributes: {} },
    ]);
  });

  it('escapes the characters that SQS takes in no message', async () => {
    const twin = sqsTwin();
    const body = { label: 'a\uFFFE\uFFFF\ud800\u0000' };
    await queuesOf(twin).send('alerts', [{ body }]);
    expect(twin.kept[0]?.body).toBe(String.raw`{"label":"a\ufffe\uffff\ud800\u0000"}`);
    expect(JSON.parse(twin.kept[0]?.body ?? '')).toEqual(body);
  });

  it.each([
    [0, []],
    [1, [1]],
    [10, [10]],
    [60, [10, 10, 10, 10, 10, 10]],
    [61, [10, 10, 10, 10, 10, 10, 1]],
  ])('%i messages makes batches of %j', async (count, batches) => {
    const twin = sqsTwin();
    await queuesOf(twin).send('audit', messages(count));
    expect(twin.batches).toEqual(batches);
    expect(twin.kept).toHaveLength(count);
  });

  it('keeps a batch within one MiB', async () => {
    const twin = sqsTwin();
    const large = { body: 'x'.repeat(400_000) };
    await queuesOf(twin).send('alerts', [large, large, large, ...messages(1)]);
    expect(twin.batches).toEqual([2, 2]);
  });

  it('repeats once what failed, and only that', async () => {
    const twin = sqsTwin();
    twin.failures.set('{"index":3}', 1).set('{"index":4}', 1);
    await queuesOf(twin).send('audit', messages(6));
    expect(twin.batches).toEqual([6, 2]);
    expect(twin.kept.map(({ body }) => body).toSorted((a, b) => a.localeCompare(b))).toEqual(messages(6).map(({ body }) => JSON.stringify(body)));
  });

  it('is SendFailed when an entry fails twice', async () => {
    const twin = sqsTwin();
    twin.failures.set('{"index":3}', 2);
    const failed = queuesOf(twin).send('audit', messages(6));
    await expect(failed).rejects.toThrow(SendFailed);
    await expect(failed).rejects.toThrow(`sending 1 of 6 messages to ${urlPrefix}audit: InternalError: try later`);
  });

  it('relies on nothing that the queue did not confirm', async () => {
    const twin = sqsTwin();
    twin.unconfirmed.add('{"index":0}');
    await expect(queuesOf(twin).send('audit', messages(2))).rejects.toThrow('the queue did not confirm it');
  });

  it('is SendFailed, with its cause, when the queue cannot be reached', async () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const failed = sqsQueues({ client: { send: () => Promise.reject(cause) }, urlPrefix }).send('audit', messages(1));
    await expect(failed).rejects.toThrow(SendFailed);
    await expect(failed).rejects.toMatchObject({
      message: `sending 1 messages to ${urlPrefix}audit: getaddrinfo ENOTFOUND: check KUBERNAUT_QUEUE_URL_PREFIX and AWS_ENDPOINT_URL_SQS, and in a VPC without a way out make an endpoint for sqs`,
      cause,
    });
  });

  it.each<[sentence: string, ask: (queues: Queues) => Promise<unknown>, message: string]>([
    ['a dead letter', (queues) => queues.sendRaw('audit-dlq', '{}', {}), `sending a message to ${urlPrefix}audit-dlq: gone: check KUBERNAUT_QUEUE_URL_PREFIX`],
    [
      'a backoff',
      (queues) => queues.changeVisibility('audit', 'receipt', 2),
      `keeping a message of ${urlPrefix}audit back: gone: check KUBERNAUT_QUEUE_URL_PREFIX`,
    ],
    ['a count', (queues) => queues.depth('audit'), `asking how full ${urlPrefix}audit is: gone: check KUBERNAUT_QUEUE_URL_PREFIX`],
  ])('names the queue and the remedy where it is not there: %s', async (_sentence, ask, message) => {
    const cause = Object.assign(new Error('gone.'), { name: 'QueueDoesNotExist' });
    await expect(ask(sqsQueues({ client: { send: () => Promise.reject(cause) }, urlPrefix }))).rejects.toThrow(message);
  });

  it('begins no batch after four at once of which one failed: what comes later was not promised', async () => {
    const twin = sqsTwin();
    twin.failures.set('{"index":0}', 2);
    await expect(queuesOf(twin).send('audit', messages(90))).rejects.toThrow(SendFailed);
    expect(twin.batches).toEqual([...Array.from({ length: 4 }, () => 10), 1]);
  });
});

describe('a raw message', () => {
  it('reaches the dead letters byte for byte', async () => {
    const twin = sqsTwin();
    await queuesOf(twin).sendRaw('alerts-dlq', '{"a": 1', { reason: 'is not JSON', field: 'body', empty: '' });
    expect(twin.kept).toEqual([{ url: `${urlPrefix}alerts-dlq`, body: '{"a": 1', delaySeconds: 0, attributes: { reason: 'is not JSON', field: 'body' } }]);
  });
});

describe('the rest of the port', () => {
  it('changes the visibility of a receipt', async () => {
    const twin = sqsTwin();
    await queuesOf(twin).changeVisibility('alerts', 'receipt', 16);
    expect(twin.visibility).toEqual([{ url: `${urlPrefix}alerts`, receiptHandle: 'receipt', seconds: 16 }]);
  });

  it('counts what is visible, delayed and in flight', async () => {
    expect(await queuesOf(sqsTwin()).depth('audit-dlq')).toBe(12);
  });
});

describe('every call', () => {
  it('has a deadline', async () => {
    const twin = sqsTwin();
    await queuesOf(twin).send('audit', messages(1));
    await queuesOf(twin).depth('audit');
    expect(twin.signals.map((signal) => signal instanceof AbortSignal)).toEqual([true, true]);
  });

  it('is not begun when no time is left', async () => {
    const twin = sqsTwin();
    const clock = stillClock();
    await expect(endingBy(clock, clock.milliseconds() + 50, () => queuesOf(twin).send('audit', messages(1)))).rejects.toThrow('50 ms are left');
    expect(twin.kept).toEqual([]);
  });
});
