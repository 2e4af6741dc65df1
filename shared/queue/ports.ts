import type { JsonValue } from '../api/json.ts';

/** The queues' base names; the stage's prefix is the adapter's business. */
export const queueNames = [
  'alerts',
  'remediation-requests',
  'remediation-processings',
  'ai-analyses',
  'workflow-executions',
  'kubernetes-executions',
  'audit',
] as const;
export type QueueName = (typeof queueNames)[number];
export type DeadLetterQueueName = `${QueueName}-dlq`;

export interface OutgoingMessage {
  readonly body: JsonValue;
  /** 0 to 900, SQS's own bound. */
  readonly delaySeconds?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Queues {
  /** Resolves only after the queue confirmed every message, in batches of 10; throws SendFailed otherwise (a repeat is harmless to all receivers). */
  send(queue: QueueName | DeadLetterQueueName, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Sends a body byte for byte, for what can never be handled: it must reach the dead-letter queue as it came. */
  sendRaw(queue: DeadLetterQueueName, body: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  changeVisibility(queue: QueueName, receiptHandle: string, visibilitySeconds: number): Promise<void>;
  /** Messages visible, delayed and in flight, as the queue estimates. */
  depth(queue: QueueName | DeadLetterQueueName): Promise<number>;
}

/** A queue did not do what it was asked; the message ends in the remedy. */
export class QueueFailed extends Error {
  override readonly name = 'QueueFailed';
}

export class SendFailed extends Error {
  override readonly name = 'SendFailed';
}
