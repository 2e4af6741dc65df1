import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  StartMessageMoveTaskCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../../shared/clock.ts';
import { inBatches } from '../../../shared/queue/batches.ts';
import type { QueueName } from '../../../shared/queue/ports.ts';
import { OperatorFailure } from '../operator/operator-failure.ts';
import { OperationUnknown } from './queue-failure.ts';
import type { Stage } from './stage.ts';

const batchMax = 10; // SQS's own bound
const holdSeconds = 60; // nobody else moves what is being moved; killed in between, it is there again after that
const messageBytesMax = 1_048_576;
const taskMilliseconds = 600_000;
const lookMilliseconds = 1_000;

/** Looks at up to `countMax` dead letters and gives each back: who is killed in between leaves them hidden for a minute. */
export async function peek(stage: Stage, queue: QueueName, countMax: number): Promise<readonly Message[]> {
  const seen = new Map<string, Message>();
  while (seen.size < countMax) {
    const messages = await receive(stage, queue, Math.min(batchMax, countMax - seen.size));
    if (messages.length === 0) break;
    for (const message of messages) seen.set(message.MessageId ?? '', message);
  }
  const found = [...seen.values()];
  for (let first = 0; first < found.length; first += batchMax) await giveBack(stage, queue, found.slice(first, first + batchMax));
  return found;
}

/**
 * Moves up to `countMax` dead letters to their queue, one batch after another: sent first, deleted when the queue confirmed them. Killed in between, one is in both, and that is
 * harmless, for a message is a key, an alert that meets its derived name, or an audit row that meets its id. Tells each that arrived.
 */
export async function moveByHand(stage: Stage, queue: QueueName, countMax: number, moved: (message: Message) => void): Promise<void> {
  let count = 0;
  while (count < countMax) {
    const messages = await receive(stage, queue, Math.min(batchMax, countMax - count));
    if (messages.length === 0) return;
    for (const batch of inBatches(messages.map((message) => ({ item: message, bytes: bytesOf(message) })))) {
      const arrived = await sendAll(stage, queue, batch);
      for (const message of arrived) moved(message);
      await deleteAll(stage, queue, arrived);
      count += arrived.length;
      const left = batch.filter((message) => !arrived.includes(message));
      if (left.length > 0) {
        await giveBack(stage, queue, left);
        throw new OperatorFailure(`${queue} did not take ${left.length} of its dead letters, which stay where they are: try again`);
      }
    }
  }
}

/** Lets SQS move all of them. Null: this SQS does not know how. Throws OperatorFailure when it fails, or is not done within ten minutes. */
export async function moveByTask(stage: Stage, queue: QueueName, clock: Clock): Promise<number | null> {
  const [source, destination] = await Promise.all([arnOf(stage, `${queue}-dlq`), arnOf(stage, queue)]);
  let handle: string | undefined;
  try {
    ({ TaskHandle: handle } = await stage.client.send(new StartMessageMoveTaskCommand({ SourceArn: source, DestinationArn: destination })));
  } catch (error) {
    if (error instanceof OperationUnknown) return null;
    throw error;
  }
  const end = clock.milliseconds() + taskMilliseconds;
  while (clock.milliseconds() < end) {
    const { Results: tasks = [] } = await stage.client.send(new ListMessageMoveTasksCommand({ SourceArn: source, MaxResults: 10 }));
    const task = tasks.find(({ TaskHandle }) => TaskHandle === handle) ?? tasks[0]; // a task that has ended carries no handle any more
    if (task?.Status === 'COMPLETED') return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status === 'FAILED')
      throw new OperatorFailure(`SQS stopped moving the dead letters of ${queue} (${task.FailureReason ?? 'it gives no reason'}): try again with --limit`);
    await clock.sleep(lookMilliseconds);
  }
  throw new OperatorFailure(`SQS still moves the dead letters of ${queue}: npx kubernaut queues shows how far it is`);
}

async function receive(stage: Stage, queue: QueueName, count: number): Promise<readonly Message[]> {
  const { Messages: messages = [] } = await stage.client.send(
    new ReceiveMessageCommand({
      QueueUrl: stage.urlOf(`${queue}-dlq`),
      MaxNumberOfMessages: count,
      VisibilityTimeout: holdSeconds,
      WaitTimeSeconds: 1, // asks every server of the queue, where a short poll asks some
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return messages;
}

async function sendAll(stage: Stage, queue: QueueName, messages: readonly Message[]): Promise<readonly Message[]> {
  const entries = messages.map(({ Body: body = '', MessageAttributes: attributes }, index) => ({
    Id: String(index),
    MessageBody: body,
    ...(attributes !== undefined && { MessageAttributes: attributes }),
  }));
  const { Successful: sent = [] } = await stage.client.send(new SendMessageBatchCommand({ QueueUrl: stage.urlOf(queue), Entries: entries }));
  const confirmed = new Set(sent.map(({ Id }) => Id));
  return messages.filter((_, index) => confirmed.has(String(index)));
}

/** What could not be deleted is moved once more by the next redrive, which is harmless. */
async function deleteAll(stage: Stage, queue: QueueName, messages: readonly Message[]): Promise<void> {
  const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  if (entries.length > 0) await stage.client.send(new DeleteMessageBatchCommand({ QueueUrl: stage.urlOf(`${queue}-dlq`), Entries: entries }));
}

async function giveBack(stage: Stage, queue: QueueName, messages: readonly Message[]): Promise<void> {
  const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
  if (entries.length > 0) await stage.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: stage.urlOf(`${queue}-dlq`), Entries: entries }));
}

async function arnOf(stage: Stage, queue: QueueName | `${QueueName}-dlq`): Promise<string> {
  const { Attributes: attributes } = await stage.client.send(new GetQueueAttributesCommand({ QueueUrl: stage.urlOf(queue), AttributeNames: ['QueueArn'] }));
  const arn = attributes?.['QueueArn'];
  if (arn === undefined) throw new OperatorFailure(`${queue} does not say its ARN: move its dead letters with --limit`);
  return arn;
}

function bytesOf({ Body: body = '', MessageAttributes: attributes = {} }: Message): number {
  const given = Object.entries(attributes).reduce((sum, [name, { StringValue: value = '' }]) => sum + name.length + value.length + 16, 0);
  return Math.min(messageBytesMax, Buffer.byteLength(body) + given);
}
