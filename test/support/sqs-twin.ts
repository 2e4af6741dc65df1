import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import type { BaseClient } from '../../shared/queue/sqs.ts';

interface Kept {
  readonly url: string;
  readonly body: string;
  readonly delaySeconds: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SqsTwin {
  readonly client: BaseClient;
  readonly kept: readonly Kept[];
  readonly batches: readonly number[];
  readonly visibility: readonly { readonly url: string; readonly receiptHandle: string; readonly seconds: number }[];
  /** How often an entry with this body still fails. */
  readonly failures: Map<string, number>;
  /** Bodies that the queue takes without a word. */
  readonly unconfirmed: Set<string>;
  /** The abort signals that calls came with. */
  readonly signals: readonly (AbortSignal | undefined)[];
}

/** SQS's own bounds on what is sent, and its partial answers. */
export function sqsTwin(): SqsTwin {
  const kept: Kept[] = [];
  const batches: number[] = [];
  const visibility: SqsTwin['visibility'][number][] = [];
  const failures = new Map<string, number>();
  const unconfirmed = new Set<string>();
  const signals: (AbortSignal | undefined)[] = [];

  const takeBatch = ({ QueueUrl: url = '', Entries: entries = [] }: SendMessageBatchCommand['input']) => {
    batches.push(entries.length);
    refuseBadBatch(entries);
    const failing = entries.filter(({ MessageBody = '' }) => (failures.get(MessageBody) ?? 0) > 0);
    for (const { MessageBody = '' } of failing) failures.set(MessageBody, (failures.get(MessageBody) ?? 0) - 1);
    const taken = entries.filter((entry) => !failing.includes(entry));
    kept.push(...taken.map((entry) => keptOf(url, entry)));
    return {
      Successful: taken.filter(({ MessageBody = '' }) => !unconfirmed.has(MessageBody)).map(({ Id }) => ({ Id })),
      Failed: failing.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'try later' })),
    };
  };

  const send = async (command: unknown, options?: { readonly abortSignal?: AbortSignal }) => {
    signals.push(options?.abortSignal);
    if (command instanceof SendMessageBatchCommand) return takeBatch(command.input);
    if (command instanceof SendMessageCommand) return void kept.push(keptOf(command.input.QueueUrl ?? '', command.input));
    if (command instanceof ChangeMessageVisibilityCommand) {
      const { QueueUrl: url = '', ReceiptHandle: receiptHandle = '', VisibilityTimeout: seconds = 0 } = command.input;
      return void visibility.push({ url, receiptHandle, seconds });
    }
    if (command instanceof GetQueueAttributesCommand)
      return { Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesDelayed: '4', ApproximateNumberOfMessagesNotVisible: '5' } };
    throw new Error('a command that the twin does not know');
  };
  return { client: { send: send as BaseClient['send'] }, kept, batches, visibility, failures, unconfirmed, signals };
}

function keptOf(
  url: string,
  {
    MessageBody: body = '',
    DelaySeconds: delaySeconds = 0,
    MessageAttributes = {},
  }: Pick<SendMessageBatchRequestEntry, 'MessageBody' | 'DelaySeconds' | 'MessageAttributes'>,
): Kept {
  return { url, body, delaySeconds, attributes: Object.fromEntries(Object.entries(MessageAttributes).map(([name, value]) => [name, textOf(value)])) };
}

function textOf({ StringValue = '' }: MessageAttributeValue): string {
  if (StringValue === '') throw new Error('InvalidParameterValue: an attribute must not be empty');
  return StringValue;
}

function refuseBadBatch(entries: readonly SendMessageBatchRequestEntry[]): void {
  if (entries.length === 0) throw new Error('EmptyBatchRequest');
  if (entries.length > 10) throw new Error('TooManyEntriesInBatchRequest');
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length) throw new Error('BatchEntryIdsNotDistinct');
  if (entries.some(({ DelaySeconds = 0 }) => DelaySeconds < 0 || DelaySeconds > 900)) throw new Error('InvalidParameterValue: DelaySeconds');
  const bytes = entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody), 0);
  if (bytes > 1_048_576) throw new Error('BatchRequestTooLong');
}
