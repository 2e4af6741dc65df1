import type { SQSRecord } from 'aws-lambda';
import type { DeadLetterQueueName, OutgoingMessage, QueueName, Queues } from '../../../shared/queue/ports.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { localRegion, queueArn, type QueueReceiver } from './received.ts';
import type { QueueDefinition } from '../stack/serverless-file.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentMilliseconds: number;
  visibleMilliseconds: number;
  receiveCount: number;
  /** Of the last receive; an older handle is refused, as SQS does. */
  receipt: string;
}

interface MemoryQueue {
  readonly definition: QueueDefinition | null;
  readonly messages: Message[];
  readonly arrivals: Set<() => void>;
}

type AnyQueueName = QueueName | DeadLetterQueueName;

const delaySecondsMax = 900; // SQS refuses more, so the twin does too
const receiveMax = 10; // SQS gives no more at once

export interface MemoryQueues extends Queues, QueueReceiver {
  /** What lies in a queue, for reading only: dead letters with their attributes. */
  peek(queue: AnyQueueName): readonly { readonly body: string; readonly attributes: Readonly<Record<string, string>> }[];
}

/** The queue twin of stories: SQS's visibility, delays, receive counts and redrive, on any clock. It keeps SQS's order loosely: first visible, first served. */
export function createMemoryQueues(clock: TrackedClock, definitions: readonly QueueDefinition[]): MemoryQueues {
  const queues = new Map<AnyQueueName, MemoryQueue>();
  for (const definition of definitions) {
    queues.set(definition.name, { definition, messages: [], arrivals: new Set() });
    queues.set(`${definition.name}-dlq`, { definition: null, messages: [], arrivals: new Set() });
  }
  let sequence = 0;
  const queueOf = (name: AnyQueueName) => {
    const found = queues.get(name);
    if (found === undefined) throw new Error(`queue ${name} does not exist`);
    return found;
  };
  const put = (name: AnyQueueName, body: string, { delaySeconds = 0, attributes = {} }: Omit<OutgoingMessage, 'body'>) => {
    if (delaySeconds < 0 || delaySeconds > delaySecondsMax) throw new RangeError(`delaySeconds ${delaySeconds}: SQS takes 0 to ${delaySecondsMax}`);
    sequence += 1;
    const sentMilliseconds = clock.milliseconds();
    const visibleMilliseconds = sentMilliseconds + delaySeconds * 1_000;
    const queue = queueOf(name);
    queue.messages.push({ id: messageId(sequence), body, attributes, sentMilliseconds, visibleMilliseconds, receiveCount: 0, receipt: '' });
    for (const arrived of queue.arrivals) arrived();
  };

  return {
    send(name, messages) {
      for (const { body, ...rest } of messages) put(name, JSON.stringify(body), rest);
      return Promise.resolve();
    },
    sendRaw(name, body, attributes) {
      put(name, body, { attributes });
      return Promise.resolve();
    },
    changeVisibility(name, receiptHandle, visibilitySeconds) {
      const queue = queueOf(name);
      const message = queue.messages.find(({ receipt }) => receipt === receiptHandle);
      if (message !== undefined) message.visibleMilliseconds = clock.milliseconds() + visibilitySeconds * 1_000;
      for (const arrived of queue.arrivals) arrived();
      return Promise.resolve();
    },
    depth: (name) => Promise.resolve(queueOf(name).messages.length),
    async receive(name, countMax, signal, waitSecondsMax = Infinity) {
      const queue = queueOf(name);
      const givesUpAt = clock.milliseconds() + waitSecondsMax * 1_000;
      while (!signal.aborted) {
        const taken = take(queue, Math.min(countMax, receiveMax), clock.milliseconds(), (message) => {
          put(`${name}-dlq`, message.body, { attributes: message.attributes });
        });
        if (taken.length > 0) return taken.map((message) => recordOf(name, message));
        if (clock.milliseconds() >= givesUpAt) return [];
        await nextChance(queue, clock, { signal, givesUpAt });
      }
      return [];
    },
    acknowledge(name, records) {
      const queue = queueOf(name);
      for (const { receiptHandle } of records) {
        const index = queue.messages.findIndex(({ receipt }) => receipt === receiptHandle);
        if (index >= 0) queue.messages.splice(index, 1);
      }
      return Promise.resolve();
    },
    peek: (name) => queueOf(name).messages.map(({ body, attributes }) => ({ body, attributes })),
  };
}

function take(queue: MemoryQueue, countMax: number, nowMilliseconds: number, bury: (message: Message) => void): readonly Message[] {
  const { visibilitySeconds = 30, receivesMax = Infinity } = queue.definition ?? {};
  const taken: Message[] = [];
  const visible = queue.messages.filter(({ visibleMilliseconds }) => visibleMilliseconds <= nowMilliseconds);
  for (const message of visible) {
    if (taken.length === countMax) break;
    if (message.receiveCount >= receivesMax) {
      queue.messages.splice(queue.messages.indexOf(message), 1);
      bury(message);
      continue;
    }
    message.receiveCount += 1;
    message.receipt = `${message.id}/${message.receiveCount}`;
    message.visibleMilliseconds = nowMilliseconds + visibilitySeconds * 1_000;
    taken.push(message);
  }
  return taken;
}

/** Until something arrives, the next message becomes visible, the patience is over, or the signal aborts. */
async function nextChance(
  queue: MemoryQueue,
  clock: TrackedClock,
  { signal, givesUpAt }: { readonly signal: AbortSignal; readonly givesUpAt: number },
): Promise<void> {
  const settled = new AbortController();
  const due = Math.min(givesUpAt, ...queue.messages.map(({ visibleMilliseconds }) => visibleMilliseconds));
  await new Promise<void>((resolve) => {
    queue.arrivals.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true, signal: settled.signal });
    if (Number.isFinite(due)) clock.sleep(due - clock.milliseconds(), settled.signal).then(resolve, () => undefined);
    settled.signal.addEventListener('abort', () => queue.arrivals.delete(resolve), { once: true });
  });
  settled.abort();
}

function recordOf(name: QueueName, message: Message): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentMilliseconds),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(message.sentMilliseconds),
    },
    messageAttributes: Object.fromEntries(Object.entries(message.attributes).map(([key, stringValue]) => [key, { dataType: 'String', stringValue }])),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(name),
    awsRegion: localRegion,
  };
}

/** UUID-shaped, in order: a golden trail may not depend on chance. */
function messageId(sequence: number): string {
  return `00000000-0000-4000-8000-${sequence.toString(16).padStart(12, '0')}`;
}
