import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type MessageAttributeValue, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { QueueName } from '../../../shared/queue/ports.ts';
import { queueArn, type QueueReceiver } from '../queue/received.ts';

export interface SqsReceiverOptions {
  readonly client: SQSClient;
  /** The URL of queue x is this and x. */
  readonly urlPrefix: string;
  readonly region: string;
}

const batchMax = 10; // SQS gives and deletes no more at once
const pollSeconds = 20; // the longest that SQS holds a poll
const pollMilliseconds = (pollSeconds + 10) * 1_000; // a poll that is not answered by then lost its connection
const deleteMilliseconds = 5_000;

/** Long polls, as Lambda's own pollers do. */
export function sqsReceiver({ client, urlPrefix, region }: SqsReceiverOptions): QueueReceiver {
  const urlOf = (queue: QueueName) => `${urlPrefix}${queue}`;
  const poll = async (queue: QueueName, countMax: number, { waitSeconds, signal }: { readonly waitSeconds: number; readonly signal: AbortSignal }) => {
    const command = new ReceiveMessageCommand({
      QueueUrl: urlOf(queue),
      MaxNumberOfMessages: Math.min(countMax, batchMax),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages: messages = [] } = await client.send(command, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(pollMilliseconds)]) });
    return messages.map((message) => recordOf(queue, message, region));
  };
  return {
    async receive(queue, countMax, signal, waitSecondsMax) {
      while (!signal.aborted) {
        const records = await poll(queue, countMax, { waitSeconds: Math.min(waitSecondsMax ?? pollSeconds, pollSeconds), signal }).catch((error: unknown) => {
          if (signal.aborted) return [];
          throw error;
        });
        if (records.length > 0 || waitSecondsMax !== undefined) return records;
      }
      return [];
    },
    async acknowledge(queue, records) {
      for (let first = 0; first < records.length; first += batchMax) {
        const entries = records.slice(first, first + batchMax).map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
        // A deletion that fails brings the message again, which is harmless to every handler.
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: urlOf(queue), Entries: entries }), {
          abortSignal: AbortSignal.timeout(deleteMilliseconds),
        });
      }
    },
  };
}

function recordOf(queue: QueueName, { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes, MD5OfBody }: Message, region: string): SQSRecord {
  const { ApproximateReceiveCount = '1', SentTimestamp = '0', SenderId = '', ApproximateFirstReceiveTimestamp = '0', ...others } = Attributes ?? {};
  return {
    messageId: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    attributes: { ...others, ApproximateReceiveCount, SentTimestamp, SenderId, ApproximateFirstReceiveTimestamp },
    messageAttributes: attributesOf(MessageAttributes ?? {}),
    md5OfBody: MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(queue),
    awsRegion: region,
  };
}

/** Lambda's event spells the fields of an attribute in lower case, and gives bytes in base64. */
function attributesOf(attributes: Readonly<Record<string, MessageAttributeValue>>): SQSMessageAttributes {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    const value = {
      dataType: DataType ?? 'String',
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    };
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}
