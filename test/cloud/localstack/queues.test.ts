import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { emulatorCredentials } from '../../../infra/local/cloud/osls.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { runEventSource } from '../../../infra/local/stack/event-source.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import { sqsReceiver } from '../../../infra/local/stack/sqs-receiver.ts';
import { waitUntil } from '../../../infra/local/story/wait-until.ts';
import { connectQueues } from '../../../shared/queue/sqs.ts';
import { queueNames, type DeadLetterQueueName, type QueueName } from '../../../shared/queue/ports.ts';
import { createQueueHandler } from '../../../shared/reconciler/queue-handler.ts';
import { silentMetrics } from '../../../shared/telemetry/metrics.ts';
import { aCommandLine, type CommandLine } from '../../support/command-line.ts';
import { createQueueStack, type QueueStack } from '../../support/queue-stack.ts';
import { root } from '../../support/real-stack.ts';

const { endpoint, region } = inject('localstack');
const clock = createRealClock();
const sqs = new SQSClient({ endpoint, region, credentials: emulatorCredentials });
const { queues: declared, functions } = readServerlessFile(root);
const credentials = { AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId, AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey };

let stack: QueueStack;
let commandLine: CommandLine;
beforeAll(async () => {
  Object.assign(process.env, credentials); // as Lambda gives them to a function
  [stack, commandLine] = await Promise.all([createQueueStack({ endpoint, region }, 'contract'), aCommandLine()]);
});
afterAll(async () => {
  await Promise.all([stack.remove(), commandLine.close()]);
  sqs.destroy();
});

const sender = () =>
  connectQueues({ KUBERNAUT_QUEUE_URL_PREFIX: stack.urlPrefix, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_SQS: undefined });
const attributesOf = async (queue: QueueName | DeadLetterQueueName) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${stack.urlPrefix}${queue}`, AttributeNames: ['All'] }))).Attributes ?? {};
const eventually = (what: string, holds: () => Promise<boolean>) => waitUntil(holds, { clock, what, secondsMax: 60, signal: new AbortController().signal });

interface Handled {
  readonly body: string;
  readonly atMilliseconds: number;
}

/** A function of ours on a queue, fed as Lambda feeds it: it fails for what contains `fails`, until it is told that it may succeed. */
function aFunctionOn(queue: QueueName) {
  const queues = sender();
  const handled: Handled[] = [];
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const state = { mayFail: true };
  const handler = createQueueHandler({
    queues,
    clock,
    logger,
    metrics: silentMetrics,
    random: () => 0,
    queue,
    body: { schema: z.string(), bodyBytesMax: 10_000 },
    settings: { receivesMax: declared.find(({ name }) => name === queue)?.receivesMax ?? 0, retryBaseSeconds: 1, retryMaxSeconds: 2 },
    work: {
      handleRecord: ({ body }) => {
        handled.push({ body, atMilliseconds: clock.milliseconds() });
        return state.mayFail && body.includes('fails') ? Promise.reject(new Error('not now')) : Promise.resolve();
      },
    },
  });
  const definition = functions.find(({ source }) => source?.queue === queue);
  if (definition?.source === undefined || definition.source === null) throw new Error(`no function takes from ${queue}`);
  const stopping = new AbortController();
  const running = runEventSource(
    {
      clock,
      receiver: sqsReceiver({ client: sqs, urlPrefix: stack.urlPrefix, region }),
      definition: { ...definition, source: definition.source },
      invoke: handler,
      invoked: () => undefined,
      failed: () => undefined,
    },
    stopping.signal,
  );
  return {
    queues,
    handled,
    succeed: () => {
      state.mayFail = false;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

describe('the queues of the template', () => {
  it.each(queueNames)('%s is made as declared, with its dead-letter queue', async (name) => {
    const { visibilitySeconds, receivesMax } = declared.find((queue) => queue.name === name) ?? {};
    const queue = await attributesOf(name);
    expect(queue['VisibilityTimeout']).toBe(String(visibilitySeconds));
    const redrive = JSON.parse(queue['RedrivePolicy'] ?? '{}') as { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
    expect(Number(redrive.maxReceiveCount)).toBe(receivesMax);
    const letters = await attributesOf(`${name}-dlq`);
    expect(redrive.deadLetterTargetArn).toBe(letters['QueueArn']);
    expect(letters['MessageRetentionPeriod']).toBe('1209600');
  });
});

describe('what the functions rely on', () => {
  it('many messages arrive, each once confirmed, and a delayed one not before its time', async () => {
    const intake = aFunctionOn('ai-analyses');
    const bodies = Array.from({ length: 25 }, (_, index) => `message ${index}`);
    const sent = clock.milliseconds();
    await intake.queues.send('ai-analyses', [...bodies.map((body) => ({ body })), { body: 'late', delaySeconds: 5 }]);
    await eventually('all were handled', () => Promise.resolve(intake.handled.length >= 26));
    await intake.stop();
    expect(new Set(intake.handled.map(({ body }) => body))).toEqual(new Set([...bodies, 'late']));
    expect((intake.handled.find(({ body }) => body === 'late')?.atMilliseconds ?? 0) - sent).toBeGreaterThanOrEqual(4_900);
  });

  it('a failure comes back ever later and ends as a dead letter, its neighbours are done with, and what is no message leaves at once with its reason', async () => {
    const worker = aFunctionOn('workflow-executions');
    await worker.queues.send('workflow-executions', [{ body: 'well 1' }, { body: 'fails' }, { body: { not: 'a string' } }, { body: 'well 2' }]);
    await eventually('both dead letters are there', async () => (await worker.queues.depth('workflow-executions-dlq')) === 2);
    const receives = worker.handled.filter(({ body }) => body === 'fails').map(({ atMilliseconds }) => atMilliseconds);
    expect(receives).toHaveLength(8);
    expect((receives[2] ?? 0) - (receives[1] ?? 0)).toBeGreaterThan((receives[1] ?? 0) - (receives[0] ?? 0));
    expect(worker.handled.filter(({ body }) => body.startsWith('well'))).toHaveLength(2);
    const request = { QueueUrl: `${stack.urlPrefix}workflow-executions-dlq`, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], VisibilityTimeout: 0 };
    const { Messages: letters = [] } = await sqs.send(new ReceiveMessageCommand(request));
    const rejected = letters.filter(({ MessageAttributes }) => MessageAttributes?.['reason'] !== undefined);
    expect(rejected).toMatchObject([{ Body: '{"not":"a string"}' }]);

    worker.succeed();
    const variables = { KUBERNAUT_QUEUE_URL_PREFIX: stack.urlPrefix, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, ...credentials };
    expect(await commandLine.run(['redrive', '--queue', 'workflow-executions'], variables)).toMatchObject({ code: 0, stderr: '' });
    await eventually('the redriven one was handled again', () => Promise.resolve(worker.handled.filter(({ body }) => body === 'fails').length === 9));
    await eventually('nothing waits any more', async () => (await worker.queues.depth('workflow-executions')) === 0);
    await worker.stop();
  });
});
