import type { DeadLetterQueueName, OutgoingMessage, QueueName, Queues } from '../../shared/queue/ports.ts';

export interface SentMessage extends OutgoingMessage {
  readonly queue: QueueName | DeadLetterQueueName;
}

export interface QueuesTwin extends Queues {
  readonly sent: readonly SentMessage[];
  readonly raw: readonly { readonly queue: DeadLetterQueueName; readonly body: string; readonly attributes: Readonly<Record<string, string>> }[];
  readonly visibility: readonly { readonly receiptHandle: string; readonly seconds: number }[];
  /** How many messages each call of `send` held. */
  readonly batches: readonly number[];
  /** Asked before anything is taken: what it throws is the answer. */
  onSend: (queue: QueueName | DeadLetterQueueName) => void;
  onSent: (queue: QueueName | DeadLetterQueueName) => void;
}

/** Queues that keep what they are given, for tests of what is sent and in which order. */
export function queuesTwin(): QueuesTwin {
  const sent: SentMessage[] = [];
  const raw: QueuesTwin['raw'][number][] = [];
  const visibility: QueuesTwin['visibility'][number][] = [];
  const batches: number[] = [];
  const twin: QueuesTwin = {
    sent,
    raw,
    visibility,
    batches,
    onSend: () => undefined,
    onSent: () => undefined,
    async send(queue, messages) {
      twin.onSend(queue);
      batches.push(messages.length);
      sent.push(...messages.map((message) => ({ queue, ...message })));
      twin.onSent(queue);
    },
    async sendRaw(queue, body, attributes) {
      twin.onSend(queue);
      raw.push({ queue, body, attributes });
    },
    async changeVisibility(_queue, receiptHandle, seconds) {
      visibility.push({ receiptHandle, seconds });
    },
    depth: async (queue) => sent.filter((message) => message.queue === queue).length,
  };
  return twin;
}
