import type { Message } from '@aws-sdk/client-sqs';
import { instantFromMilliseconds, type Instant } from '../../../shared/api/time.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { QueueName } from '../../../shared/queue/ports.ts';

/** What a person wants to know of a message that was given up. Texts are anybody's: printable, and cut. */
export interface DeadLetter {
  readonly queue: QueueName;
  /** The resource, alert or audit row that it is about. */
  readonly about: string;
  /** Why it could never be handled; empty: it was given up after too many tries, and its resource has condition Stalled. */
  readonly reason: string;
  readonly field: string;
  /** When it was first sent; null: the queue does not say. */
  readonly sentAt: Instant | null;
}

const textMax = 200;
const notPrintable = /[\p{C}\p{Z}]+/gu;

/** Total: a dead letter may be anything. */
export function deadLetterOf(queue: QueueName, { Body: body = '', Attributes: attributes, MessageAttributes: given }: Message): DeadLetter {
  const said = (name: string) => printable(given?.[name]?.StringValue ?? '');
  return {
    queue,
    about: printable(aboutOf(queue, parseJson(body)) ?? (body === '' ? 'an empty message' : body)),
    reason: said('reason'),
    field: said('field'),
    sentAt: sentAtOf(attributes?.['SentTimestamp']),
  };
}

function sentAtOf(timestamp: string | undefined): Instant | null {
  const milliseconds = Number(timestamp);
  return Number.isFinite(milliseconds) && milliseconds > 0 ? instantFromMilliseconds(milliseconds) : null;
}

/** "rejected: schema (field kind)", or how it came here otherwise. */
export function whyOf({ reason, field }: DeadLetter): string {
  if (reason === '') return 'given up after too many tries: see condition Stalled of its resource, and the log';
  return field === '' ? reason : `${field}: ${reason}`;
}

function aboutOf(queue: QueueName, message: unknown): string | null {
  switch (queue) {
    case 'alerts':
      return alertOf(message);
    case 'audit':
      return joined(stringAt(message, 'type'), stringAt(message, 'requestName') ?? stringAt(message, 'name'));
    case 'remediation-requests':
    case 'remediation-processings':
    case 'ai-analyses':
    case 'workflow-executions':
    case 'kubernetes-executions':
      return joined(stringAt(message, 'kind'), stringAt(message, 'name'));
  }
}

function alertOf(message: unknown): string | null {
  const name = stringAt(message, 'alert', 'labels', 'alertname');
  return name === null ? null : `alert ${name}${stringAt(message, 'alert', 'status') === 'resolved' ? ' (resolved)' : ''}`;
}

function joined(kind: string | null, name: string | null): string | null {
  return kind === null || name === null ? null : `${kind} ${name}`;
}

function printable(text: string): string {
  const plain = text.replace(notPrintable, ' ').trim();
  return plain.length > textMax ? `${plain.slice(0, textMax)} [cut]` : plain;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
