import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { aRecord, anEvent, kernelWorld, type KernelWorld } from '../../test/support/kernel.ts';
import { metricsTwin } from '../../test/support/metrics-twin.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { silentMetrics } from '../telemetry/metrics.ts';
import { callTimeoutMilliseconds } from '../time-left.ts';
import type { Delivery } from './delivery.ts';
import { createQueueHandler, type QueueHandlerOptions, type Work } from './queue-handler.ts';
import { NotYet } from './retry.ts';

const schema = z.object({ name: z.string().min(3), alert: z.object({ labels: z.record(z.string(), z.string()) }).optional() });
type Body = z.infer<typeof schema>;

const lambda = (milliseconds = 30_000) => ({ getRemainingTimeInMillis: () => milliseconds });

function handlerOf(world: KernelWorld, work: Work<Body>, overrides: Partial<QueueHandlerOptions<Body>> = {}) {
  const { queues, clock, logger } = world;
  return createQueueHandler<Body>({
    queue: 'alerts',
    body: { schema, bodyBytesMax: 200 },
    settings: { receivesMax: 8, retryBaseSeconds: 2, retryMaxSeconds: 300 },
    work,
    queues,
    clock,
    logger,
    metrics: silentMetrics,
    random: () => 0,
    describe: ({ name }) => ({ name }),
    ...overrides,
  });
}

/** Fails what is named "bad…", keeps the rest. */
function keeping(kept: string[] = []): Work<Body> {
  return {
    handleRecord: async ({ body }) => {
      if (body.name.startsWith('bad')) throw new Error(`no luck with ${body.name}`);
      kept.push(body.name);
    },
  };
}

describe('a batch', () => {
  it('is good when every message is', async () => {
    const kept: string[] = [];
    const answer = await handlerOf(kernelWorld(), keeping(kept))(anEvent(aRecord({ name: 'one' }), aRecord({ name: 'two' }, { messageId: 'm2' })), lambda());
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(kept).toEqual(['one', 'two']);
  });

  it('fails only for the messages that failed, and even when all did it answers', async () => {
    const handler = handlerOf(kernelWorld(), keeping());
    const records = [aRecord({ name: 'bad' }, { messageId: 'm1' }), aRecord({ name: 'fine' }, { messageId: 'm2' })];
    expect(await handler(anEvent(...records), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(await handler(anEvent(...records.slice(0, 1)), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  it('carries no failure over to the next call', async () => {
    const handler = handlerOf(kernelWorld(), keeping());
    await handler(anEvent(aRecord({ name: 'bad' })), lambda());
    expect(await handler(anEvent(aRecord({ name: 'fine' })), lambda())).toEqual({ batchItemFailures: [] });
  });
});

describe('a body that can never be handled', () => {
  it.each<[sentence: string, body: unknown, field: string, reason: RegExp]>([
    ['is not JSON', 'password=hunter2', 'body', /^is not JSON$/],
    ['is too large', { name: 'x'.repeat(300) }, 'body', /^has 311 bytes$/],
    ['misses the schema', { name: 'ab' }, 'name', /expected string/],
    ['misses the schema deep inside', { name: 'abc', alert: { labels: { a: 1 } } }, 'alert.labels.a', /expected string/],
    ['is no object', '7', 'body', /expected object/],
    ['is refused by a fact that no schema knows', { name: 'stranger' }, 'name', /^is not ours$/],
  ])('(%s) goes to the dead letters byte for byte, and its neighbour is handled', async (_sentence, body, field, reason) => {
    const world = kernelWorld();
    const kept: string[] = [];
    const refuse = ({ name }: Body) => (name === 'stranger' ? { field: 'name', reason: 'is not ours', remedy: 'send it elsewhere' } : null);
    const bad = aRecord(body, { messageId: 'bad' });
    const answer = await handlerOf(world, keeping(kept), { body: { schema, bodyBytesMax: 200, refuse } })(anEvent(bad, aRecord({ name: 'fine' })), lambda());
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(kept).toEqual(['fine']);
    expect(world.queues.raw).toEqual([{ queue: 'alerts-dlq', body: bad.body, attributes: { reason: expect.stringMatching(reason), field } }]);
    expect(world.lines).toEqual([
      {
        level: 'warn',
        message: 'message rejected',
        fields: { queue: 'alerts', messageId: 'bad', field, reason: expect.stringMatching(reason), remedy: expect.any(String) },
      },
    ]);
    expect(JSON.stringify(world.lines)).not.toContain('hunter2');
  });

  it('names its field in characters that SQS takes', async () => {
    const world = kernelWorld();
    await handlerOf(world, keeping())(anEvent(aRecord({ name: 'abc', alert: { labels: { 'a\u0007é': 1 } } })), lambda());
    expect(world.queues.raw).toMatchObject([{ attributes: { field: 'alert.labels.a??' } }]);
  });

  it('comes again when the dead letters cannot be reached', async () => {
    const world = kernelWorld();
    world.queues.onSend = () => {
      throw new Error('queue away');
    };
    expect(await handlerOf(world, keeping())(anEvent(aRecord('nonsense')), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(world.queues.visibility).toEqual([{ receiptHandle: 'receipt-m1', seconds: 2 }]);
  });
});

describe('a message that failed', () => {
  it.each([
    [1, 2],
    [2, 4],
    [3, 8],
    [7, 128],
  ])('comes again after receive %i in %i s', async (receiveCount, seconds) => {
    const world = kernelWorld();
    await handlerOf(world, keeping())(anEvent(aRecord({ name: 'bad' }, { receiveCount })), lambda());
    expect(world.queues.visibility).toEqual([{ receiptHandle: 'receipt-m1', seconds }]);
    expect(world.lines).toMatchObject([
      {
        level: 'warn',
        message: 'message retried',
        fields: { messageId: 'm1', name: 'bad', attempt: receiveCount, delaySeconds: seconds, error: 'no luck with bad', errorClass: 'Error' },
      },
    ]);
  });

  it('comes again even when its visibility cannot be changed', async () => {
    const world = kernelWorld();
    world.queues.changeVisibility = () => Promise.reject(new Error('receipt expired'));
    expect(await handlerOf(world, keeping())(anEvent(aRecord({ name: 'bad' })), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  it('on its last receive is told so, fails, and is due for the dead letters at once', async () => {
    const world = kernelWorld();
    const told: [Delivery<Body>, unknown][] = [];
    const handler = handlerOf(world, keeping(), { onExhausted: async (delivery, error) => void told.push([delivery, error]) });
    expect(await handler(anEvent(aRecord({ name: 'bad' }, { receiveCount: 8 })), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(told).toEqual([[expect.objectContaining({ receiveCount: 8, isLastReceive: true }), new Error('no luck with bad')]]);
    expect(world.queues.visibility).toEqual([{ receiptHandle: 'receipt-m1', seconds: 0 }]);
    expect(world.lines).toMatchObject([{ level: 'error', message: 'message exhausted' }]);
  });

  it('on its last receive fails alike when nobody can be told', async () => {
    const handler = handlerOf(kernelWorld(), keeping(), { onExhausted: () => Promise.reject(new Error('API away')) });
    expect(await handler(anEvent(aRecord({ name: 'bad' }, { receiveCount: 8 })), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});

describe('what is counted', () => {
  it.each<[sentence: string, body: unknown, receiveCount: number, thrown: unknown, counted: readonly string[]]>([
    ['nothing of a message that is handled', { name: 'fine' }, 1, null, []],
    ['a retry, with its reason', { name: 'bad' }, 1, new Error('no luck'), ['MessageRetried queue=alerts reason=error']],
    ['a throttled retry', { name: 'bad' }, 1, new ApiError({ status: 429, reason: '', message: '' }), ['MessageRetried queue=alerts reason=throttled']],
    [
      'a dead letter of the last receive',
      { name: 'bad' },
      8,
      new ApiError({ status: 503, reason: '', message: '' }),
      ['MessageDeadLettered queue=alerts reason=unavailable'],
    ],
    ['a dead letter that could never be handled', 'nonsense', 1, null, ['MessageDeadLettered queue=alerts reason=invalid']],
    ['no failure of a message that was early', { name: 'bad' }, 1, new NotYet('early'), ['MessagePostponed queue=alerts']],
    ['nothing of one that was dropped', { name: 'bad' }, 8, new NotYet('early'), []],
  ])('is %s', async (_sentence, body, receiveCount, thrown, counted) => {
    const metrics = metricsTwin();
    const work: Work<Body> = { handleRecord: () => (thrown === null ? Promise.resolve() : Promise.reject(thrown as Error)) };
    await handlerOf(kernelWorld(), work, { metrics })(anEvent(aRecord(body, { receiveCount })), lambda());
    expect(metrics.counted).toEqual(counted);
  });
});

describe('a message that is early', () => {
  const early = (afterSeconds?: number): Work<Body> => ({ handleRecord: () => Promise.reject(new NotYet('the patch may yet land', afterSeconds)) });

  it.each([
    [undefined, 4],
    [60, 60],
  ])('comes again, after its own wait if it has one (%s: %i s), and nothing failed', async (afterSeconds, seconds) => {
    const world = kernelWorld();
    expect(await handlerOf(world, early(afterSeconds))(anEvent(aRecord({ name: 'abc' }, { receiveCount: 2 })), lambda())).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }],
    });
    expect(world.queues.visibility).toEqual([{ receiptHandle: 'receipt-m1', seconds }]);
    expect(world.lines).toMatchObject([{ level: 'info', message: 'message postponed' }]);
  });

  it('is dropped on its last receive, and nobody is told of a failure', async () => {
    const world = kernelWorld();
    const told: unknown[] = [];
    const handler = handlerOf(world, early(), { onExhausted: async (delivery) => void told.push(delivery) });
    expect(await handler(anEvent(aRecord({ name: 'abc' }, { receiveCount: 8 })), lambda())).toEqual({ batchItemFailures: [] });
    expect(told).toEqual([]);
    expect(world.lines).toMatchObject([{ level: 'info', message: 'message dropped' }]);
  });
});

describe('a batch as one', () => {
  it('is handled without what was rejected, and fails only for what it names', async () => {
    const world = kernelWorld();
    const seen: string[][] = [];
    const handler = handlerOf(world, {
      handleBatch: async (deliveries) => {
        seen.push(deliveries.map(({ body }) => body.name));
        return ['m2'];
      },
    });
    const records = [aRecord({ name: 'one' }), aRecord({ name: 'two' }, { messageId: 'm2' }), aRecord('nonsense', { messageId: 'm3' })];
    expect(await handler(anEvent(...records), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
    expect(seen).toEqual([['one', 'two']]);
    expect(world.queues.raw).toMatchObject([{ body: 'nonsense' }]);
    expect(world.queues.visibility).toEqual([{ receiptHandle: 'receipt-m2', seconds: 2 }]);
  });

  it('that throws fails for all of its valid messages', async () => {
    const handler = handlerOf(kernelWorld(), { handleBatch: () => Promise.reject(new Error('database away')) });
    const records = [aRecord({ name: 'one' }), aRecord({ name: 'two' }, { messageId: 'm2' }), aRecord('nonsense', { messageId: 'm3' })];
    expect(await handler(anEvent(...records), lambda())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
  });

  it('without a valid message is not begun', async () => {
    let begun = false;
    const handler = handlerOf(kernelWorld(), {
      handleBatch: async () => {
        begun = true;
        return [];
      },
    });
    expect(await handler(anEvent(aRecord('nonsense')), lambda())).toEqual({ batchItemFailures: [] });
    expect(begun).toBe(false);
  });
});

describe('time', () => {
  it('given to a call lies below what is left of the invocation, with room for the aftermath', async () => {
    const timeouts: number[] = [];
    const work: Work<Body> = { handleRecord: async () => void timeouts.push(callTimeoutMilliseconds(60_000)) };
    await handlerOf(kernelWorld(), work)(anEvent(aRecord({ name: 'abc' })), lambda(30_000));
    expect(timeouts).toEqual([28_000]);
  });

  it('that is over begins no call, and the message comes again', async () => {
    const world = kernelWorld();
    const work: Work<Body> = { handleRecord: async () => void callTimeoutMilliseconds(60_000) };
    expect(await handlerOf(world, work)(anEvent(aRecord({ name: 'abc' })), lambda(2_050))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(world.lines).toMatchObject([{ fields: { errorClass: 'TimeIsOver' } }]);
    expect(world.queues.visibility).toHaveLength(1);
  });

  it('is over only when every piece of work is: nothing is pending behind the answer', async () => {
    let pending = 0;
    const work: Work<Body> = {
      handleRecord: async ({ body }) => {
        pending += 1;
        for (let turn = 0; turn < body.name.length; turn += 1) await Promise.resolve();
        pending -= 1;
        if (body.name.startsWith('bad')) throw new Error('bad luck');
      },
    };
    await handlerOf(kernelWorld(), work)(anEvent(aRecord({ name: 'bad' }), aRecord({ name: 'a much longer one' }, { messageId: 'm2' })), lambda());
    expect(pending).toBe(0);
  });
});
