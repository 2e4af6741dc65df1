import type { SQSRecord } from 'aws-lambda';
import type { QueueName } from '../../../shared/queue/ports.ts';

/** Where an event source loop takes its messages from: the in-memory twin, or any SQS endpoint. */
export interface QueueReceiver {
  /** Waits until there is at least one message, or the signal aborts or `waitSecondsMax` are over (then an empty list). At most `countMax`, and never more than 10. */
  receive(queue: QueueName, countMax: number, signal: AbortSignal, waitSecondsMax?: number): Promise<readonly SQSRecord[]>;
  /** Deletes what a function has handled. */
  acknowledge(queue: QueueName, records: readonly SQSRecord[]): Promise<void>;
}

export const localRegion = 'eu-central-1';
/** What a local SQS accepts as credentials: anything. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export function queueArn(queue: string): string {
  return `arn:aws:sqs:${localRegion}:000000000000:${queue}`;
}
