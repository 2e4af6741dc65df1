import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type MessageAttributeValue,
  type SendMessageBatchCommandOutput,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { awsFailureOf, awsRemedy } from '../aws-failure.ts';
import type { Environment } from '../environment.ts';
import { callTimeoutMilliseconds } from '../time-left.ts';
import { inBatches, type Sized } from './batches.ts';
import { messageText } from './message-text.ts';
import { sqsAddress } from './sqs-address.ts';
import { QueueFailed, SendFailed, type DeadLetterQueueName, type OutgoingMessage, type QueueName, type Queues } from './ports.ts';

const batchesAtOnce = 4; // one after another a storm goes at ten messages a round trip, 800 a second; each more keeps a connection and its buffers
const callMillisecondsMax = 5_000; // SQS answers within tens of milliseconds

/** As much of the SDK's client as we use: any object with its `send`. */
export type BaseClient = Pick<SQSClient, 'send'>;

export interface SqsOptions {
  readonly client: BaseClient;
  /** The URL of queue x is this and x: `https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-`. */
  readonly urlPrefix: string;
}

/** One client for a cold start: its connections outlive the invocations. */
export function connectQueues(
  environment: Pick<Environment, 'KUBERNAUT_QUEUE_URL_PREFIX' | 'AWS_REGION' | 'AWS_ENDPOINT_URL' | 'AWS_ENDPOINT_URL_SQS'>,
): Queues {
  const urlPrefix = environment.KUBERNAUT_QUEUE_URL_PREFIX;
  const given = { region: environment.AWS_REGION, endpoint: environment.AWS_ENDPOINT_URL_SQS ?? environment.AWS_ENDPOINT_URL };
  return sqsQueues({ client: new SQSClient(sqsAddress(urlPrefix, given)), urlPrefix });
}

/** The queues of one stage in SQS. */
export function sqsQueues({ client, urlPrefix }: SqsOptions): Queues {
  const urlOf = (queue: QueueName | DeadLetterQueueName) => `${urlPrefix}${queue}`;
  return {
    async send(queue, messages) {
      const batches = inBatches(messages.map(sizedEntry));
      for (let first = 0; first < batches.length; first += batchesAtOnce) {
        const sends = batches.slice(first, first + batchesAtOnce).map((batch) => sendBatch(client, urlOf(queue), batch));
        const failed = (await Promise.allSettled(sends)).find((send) => send.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
      }
    },

    async sendRaw(queue, body, attributes) {
      const message = { QueueUrl: urlOf(queue), MessageBody: body, MessageAttributes: stringAttributes(attributes) };
      const options = timely();
      await client.send(new SendMessageCommand(message), options).catch((cause: unknown) => {
        throw new SendFailed(`sending a message to ${urlOf(queue)}: ${trouble(cause, 'sqs:SendMessage')}`, { cause });
      });
    },

    async changeVisibility(queue, receiptHandle, visibilitySeconds) {
      const change = { QueueUrl: urlOf(queue), ReceiptHandle: receiptHandle, VisibilityTimeout: visibilitySeconds };
      const options = timely();
      await client.send(new ChangeMessageVisibilityCommand(change), options).catch((cause: unknown) => {
        throw new QueueFailed(`keeping a message of ${urlOf(queue)} back: ${trouble(cause, 'sqs:ChangeMessageVisibility')}`, { cause });
      });
    },

    async depth(queue) {
      const question = new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: [...depthAttributes] });
      const options = timely();
      const { Attributes: counts = {} } = await client.send(question, options).catch((cause: unknown) => {
        throw new QueueFailed(`asking how full ${urlOf(queue)} is: ${trouble(cause, 'sqs:GetQueueAttributes')}`, { cause });
      });
      return depthAttributes.reduce((sum, name) => sum + Number(counts[name] ?? 0), 0);
    },
  };
}

const depthAttributes = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Each entry of a batch succeeds or fails by itself: the failed ones are sent once more, and then it is SendFailed. */
async function sendBatch(client: BaseClient, url: string, batch: readonly SendMessageBatchRequestEntry[]): Promise<void> {
  const first = await attempt(client, url, batch);
  if (first.length === 0) return;
  const again = batch.filter(({ Id }) => first.some((failed) => failed.id === Id));
  const [left] = await attempt(client, url, again);
  if (left !== undefined) throw new SendFailed(`sending ${again.length} of ${batch.length} messages to ${url}: ${left.why}`);
}

async function attempt(
  client: BaseClient,
  url: string,
  batch: readonly SendMessageBatchRequestEntry[],
): Promise<readonly { readonly id: string; readonly why: string }[]> {
  const answer = await sendOrFail(client, url, batch);
  const confirmed = new Set((answer.Successful ?? []).map(({ Id }) => Id));
  // What is neither confirmed nor failed was not confirmed: only a confirmed message may be relied on.
  return batch.flatMap(({ Id: id = '' }) => {
    const failed = answer.Failed?.find(({ Id }) => Id === id);
    return confirmed.has(id) ? [] : [{ id, why: failed === undefined ? 'the queue did not confirm it' : `${failed.Code}: ${failed.Message ?? ''}` }];
  });
}

async function sendOrFail(client: BaseClient, url: string, batch: readonly SendMessageBatchRequestEntry[]): Promise<SendMessageBatchCommandOutput> {
  const options = timely();
  try {
    return await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [...batch] }), options);
  } catch (cause) {
    throw new SendFailed(`sending ${batch.length} messages to ${url}: ${trouble(cause, 'sqs:SendMessage')}`, { cause });
  }
}

/** What SQS said, and what to do about it. */
function trouble(cause: unknown, permission: string): string {
  const failure = awsFailureOf(cause);
  const remedy = awsRemedy(failure.trouble, {
    denied: `allow ${permission} of that queue to who asks`,
    absent: 'check KUBERNAUT_QUEUE_URL_PREFIX (its region, account and stage), or deploy the stage again',
    unreached: 'check KUBERNAUT_QUEUE_URL_PREFIX and AWS_ENDPOINT_URL_SQS, and in a VPC without a way out make an endpoint for sqs',
    other: 'check KUBERNAUT_QUEUE_URL_PREFIX, and what may be sent there',
  });
  return `${failure.words}: ${remedy}`;
}

function sizedEntry({ body, delaySeconds, attributes = {} }: OutgoingMessage, index: number): Sized<SendMessageBatchRequestEntry> {
  const text = messageText(body);
  const bytes = Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength('String') + Buffer.byteLength(value),
    Buffer.byteLength(text),
  );
  const entry = {
    Id: String(index),
    MessageBody: text,
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    MessageAttributes: stringAttributes(attributes),
  };
  return { item: entry, bytes };
}

/** SQS takes no empty attribute. */
function stringAttributes(attributes: Readonly<Record<string, string>>): Record<string, MessageAttributeValue> {
  const given = Object.entries(attributes).filter(([, value]) => value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]));
}

function timely(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callTimeoutMilliseconds(callMillisecondsMax)) };
}
