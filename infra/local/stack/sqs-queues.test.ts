import { ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { sqsQueues } from '../../../shared/queue/sqs.ts';
import { createSqsClient } from './sqs-client.ts';
import { createSqsQueues } from './sqs-queues.ts';
import { sqsReceiver } from './sqs-receiver.ts';
import { startSqsServer } from './sqs-server.ts';

const definitions = [
  { name: 'alerts' as const, visibilitySeconds: 1, receivesMax: 1 },
  { name: 'audit' as const, visibilitySeconds: 180, receivesMax: 100 },
];
const never = new AbortController().signal;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function aServer() {
  const server = await startSqsServer(0);
  const client = createSqsClient(server.endpoint, {});
  closers.push(
    () => server.close(),
    () => {
      client.destroy();
    },
  );
  return { ...server, client };
}

async function createdQueues() {
  const { client } = await aServer();
  const { urlPrefix, remove } = await createSqsQueues(client, 'test-', definitions);
  const options = { client, urlPrefix, region: 'eu-central-1' };
  return { client, remove, queues: sqsQueues(options), receiver: sqsReceiver(options) };
}

async function namesOf(client: SQSClient): Promise<readonly string[]> {
  const { QueueUrls: urls = [] } = await client.send(new ListQueuesCommand({}));
  return urls.map((url) => url.replace(/^.*\//, ''));
}

describe('the queues of a stack at an SQS endpoint', () => {
  it('are those that infra/cloud/queues.yml declares, each with its dead-letter queue, and go when they are removed', async () => {
    const { client, remove } = await createdQueues();
    expect(await namesOf(client)).toEqual(['test-alerts', 'test-alerts-dlq', 'test-audit', 'test-audit-dlq']);
    await remove();
    expect(await namesOf(client)).toEqual([]);
  });

  it('are taken as they are when they exist as declared', async () => {
    const { client } = await createdQueues();
    await createSqsQueues(client, 'test-', definitions);
    expect(await namesOf(client)).toHaveLength(4);
  });

  it('are refused when they exist with other settings', async () => {
    const { client } = await createdQueues();
    const others = definitions.map((definition) => ({ ...definition, visibilitySeconds: 77 }));
    await expect(createSqsQueues(client, 'test-', others)).rejects.toThrow(
      'queue test-alerts exists with other settings than infra/cloud/queues.yml declares: delete it, or give another --queue-prefix',
    );
  });

  it('give a sentence when nothing answers', async () => {
    const { endpoint, client, close } = await aServer();
    await close();
    closers.splice(0, 1);
    await expect(createSqsQueues(client, 'test-', definitions)).rejects.toThrow(
      new RegExp(`^the queue endpoint ${endpoint} did not create test-alerts-dlq \\(ECONNREFUSED.*\\): check --queue-endpoint`),
    );
  });
});

describe('receiving from SQS', () => {
  it("gives records in the form of Lambda's own event", async () => {
    const { queues, receiver } = await createdQueues();
    await queues.send('alerts', [{ body: { n: 1 }, attributes: { traceparent: '00-x' } }]);
    const records = await receiver.receive('alerts', 10, never);
    expect(records).toEqual([
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.stringMatching(/.+/),
        body: '{"n":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: { traceparent: { dataType: 'String', stringValue: '00-x' } },
        md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:alerts',
        awsRegion: 'eu-central-1',
      },
    ]);
  });

  it('deletes what is acknowledged, more than ten at once too', async () => {
    const { queues, receiver } = await createdQueues();
    await queues.send(
      'audit',
      Array.from({ length: 12 }, (_, n) => ({ body: n })),
    );
    const records = [...(await receiver.receive('audit', 100, never)), ...(await receiver.receive('audit', 100, never))];
    expect(records).toHaveLength(12);
    await receiver.acknowledge('audit', records);
    expect(await queues.depth('audit')).toBe(0);
  });

  it('leaves what is not acknowledged to the redrive: it ends in the dead-letter queue', async () => {
    const { queues, receiver } = await createdQueues();
    await queues.send('alerts', [{ body: 'poison' }]);
    await receiver.receive('alerts', 10, never);
    expect(await receiver.receive('alerts', 10, never, 3)).toEqual([]);
    expect(await queues.depth('alerts-dlq')).toBe(1);
  });

  it('ends a poll at once when it is told to stop, with nothing', async () => {
    const { receiver } = await createdQueues();
    const stopping = new AbortController();
    const polled = receiver.receive('alerts', 10, stopping.signal);
    stopping.abort();
    expect(await polled).toEqual([]);
  });

  it('gives up after the wait that it was told, and throws what is wrong with the queue', async () => {
    const { receiver, remove } = await createdQueues();
    expect(await receiver.receive('alerts', 10, never, 1)).toEqual([]);
    await remove();
    await expect(receiver.receive('alerts', 10, never)).rejects.toThrow('does not exist');
  });
});
