import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { cutText } from '../api/text.ts';
import type { Clock } from '../clock.ts';
import type { QueueName, Queues } from '../queue/ports.ts';
import { errorFields, type LogFields, type Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { endingBy } from '../time-left.ts';
import { readDelivery, receiveCountOf, type BodyRules, type Delivery, type Rejection } from './delivery.ts';
import { NotYet, retryDelaySeconds, type RetrySettings } from './retry.ts';
import { retryReason } from './retry-reason.ts';

/** What Lambda tells of an invocation, as far as we listen. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

export type QueueHandler = (event: SQSEvent, context: InvocationContext) => Promise<SQSBatchResponse>;

export interface QueueHandlerPorts {
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** 0 to 1; Math.random in production. */
  readonly random: () => number;
}

/** What the function does with a message: one by one, or all of a batch in one transaction. */
export type Work<Body> =
  | {
      /** Resolves when the message is done with. Throws to have it again after the backoff; NotYet says that nothing failed. */
      handleRecord(delivery: Delivery<Body>): Promise<void>;
    }
  | {
      /** The whole batch at once; answers the messageIds to have again. A throw is all of them. Not called without a valid message. */
      handleBatch(deliveries: readonly Delivery<Body>[]): Promise<readonly string[]>;
    };

export interface QueueHandlerOptions<Body> extends QueueHandlerPorts {
  readonly queue: QueueName;
  readonly body: BodyRules<Body>;
  readonly settings: RetrySettings;
  readonly work: Work<Body>;
  /** The last receive failed: the message is on its way to the dead-letter queue. What this throws is logged. */
  readonly onExhausted?: (delivery: Delivery<Body>, error: unknown) => Promise<void>;
  /** What the lines about a message say of it beside its id: a key, never the body. */
  readonly describe?: (body: Body) => LogFields;
}

const aftermathMilliseconds = 2_000; // kept back from the work: a changed visibility, a Stalled condition, a rejected message
const marginMilliseconds = 500; // kept back from the aftermath: the answer itself

/**
 * A Lambda handler for one of our queues. What can never be handled goes to the dead-letter queue at once with its reason, what fails comes back
 * after a backoff, and neither touches its neighbours. Every call inside ends before the function does, so that it never answers with work pending.
 */
export function createQueueHandler<Body>(options: QueueHandlerOptions<Body>): QueueHandler {
  return async (event, context) => {
    const end = options.clock.milliseconds() + context.getRemainingTimeInMillis();
    const readings = new Map(event.Records.map((record) => [record.messageId, readDelivery(record, options.body, options.settings.receivesMax)]));
    const takenOnes = [...readings.values()].flatMap((reading) => (reading.kind === 'taken' ? [reading.delivery] : []));
    const handle = handling(options, takenOnes, end - aftermathMilliseconds);
    const settle = async (record: SQSRecord): Promise<void> => {
      const reading = readings.get(record.messageId);
      try {
        if (reading?.kind === 'taken') await handle(reading.delivery);
        if (reading?.kind === 'rejected') await endingBy(options.clock, end - marginMilliseconds, () => reject(options, record, reading.rejection));
      } catch (error) {
        const delivery = reading?.kind === 'taken' ? reading.delivery : undefined;
        await endingBy(options.clock, end - marginMilliseconds, () => comeBack(options, { record, delivery, error }));
      }
    };
    return processPartialResponse(event, settle, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false });
  };
}

/** Both ways of working as one: what to do with a single delivery. A batch begins at once, and each of its deliveries waits for its own verdict. */
function handling<Body>(
  { work, clock }: QueueHandlerOptions<Body>,
  deliveries: readonly Delivery<Body>[],
  end: number,
): (delivery: Delivery<Body>) => Promise<void> {
  if ('handleRecord' in work) return (delivery) => endingBy(clock, end, () => work.handleRecord(delivery));
  const settled =
    deliveries.length === 0
      ? Promise.resolve([])
      : endingBy(clock, end, () => work.handleBatch(deliveries)).then(
          (failed) => failed.map((messageId) => ({ messageId, error: new BatchItemFailed(`message ${messageId} was not stored with its batch`) })),
          (error: unknown) => deliveries.map(({ messageId }) => ({ messageId, error })),
        );
  return async ({ messageId }) => {
    const failure = (await settled).find((failed) => failed.messageId === messageId);
    if (failure !== undefined) throw failure.error;
  };
}

class BatchItemFailed extends Error {
  override readonly name = 'BatchItemFailed';
}

async function reject<Body>(
  { queue, queues, logger, metrics }: QueueHandlerOptions<Body>,
  record: SQSRecord,
  { field, reason, remedy }: Rejection,
): Promise<void> {
  await queues.sendRaw(`${queue}-dlq`, record.body, { reason: attributeText(reason), field: attributeText(field) });
  metrics.count('MessageDeadLettered', 1, { queue }, { reason: 'invalid' });
  logger.warn('message rejected', { queue, messageId: record.messageId, field, reason, remedy });
}

/** A field is named by the sender: SQS would refuse the message for a control character in an attribute. */
function attributeText(text: string): string {
  return cutText(text.replace(/[^ -~]/g, '?'), 256);
}

interface Failed<Body> {
  readonly record: SQSRecord;
  /** Undefined: a rejected message that did not reach the dead-letter queue. */
  readonly delivery: Delivery<Body> | undefined;
  readonly error: unknown;
}

/** Throws what was thrown, which tells SQS that the message is not done with; only a message that was early and has no receive left is let go. */
async function comeBack<Body>(options: QueueHandlerOptions<Body>, { record, delivery, error }: Failed<Body>): Promise<void> {
  const { queue, logger, metrics, settings, random } = options;
  const receiveCount = receiveCountOf(record);
  const isLastReceive = receiveCount >= settings.receivesMax;
  const line = { queue, messageId: record.messageId, attempt: receiveCount, ...(delivery !== undefined && options.describe?.(delivery.body)) };
  if (error instanceof NotYet && isLastReceive) {
    logger.info('message dropped', { ...line, why: error.message });
    return;
  }
  if (isLastReceive) {
    metrics.count('MessageDeadLettered', 1, { queue }, { reason: retryReason(error) });
    logger.error('message exhausted', { ...line, ...errorFields(error) });
    if (delivery !== undefined) await tellExhausted(options, delivery, error);
    await changeVisibility(options, record, 0); // received once more, the queue moves it to its dead letters
    throw error;
  }
  const early = error instanceof NotYet ? error.afterSeconds : undefined;
  const delaySeconds = early ?? retryDelaySeconds(receiveCount, settings, random());
  if (error instanceof NotYet) {
    metrics.count('MessagePostponed', 1, { queue });
    logger.info('message postponed', { ...line, delaySeconds, why: error.message });
  } else {
    metrics.count('MessageRetried', 1, { queue }, { reason: retryReason(error) });
    logger.warn('message retried', { ...line, delaySeconds, ...errorFields(error) });
  }
  await changeVisibility(options, record, delaySeconds);
  throw error;
}

async function tellExhausted<Body>({ onExhausted, logger, queue }: QueueHandlerOptions<Body>, delivery: Delivery<Body>, error: unknown): Promise<void> {
  try {
    await onExhausted?.(delivery, error);
  } catch (failure) {
    logger.warn('exhaustion not recorded', { queue, messageId: delivery.messageId, ...errorFields(failure) });
  }
}

/** Without it the message comes back all the same, when the queue's own visibility timeout is over. */
async function changeVisibility<Body>({ queues, queue, logger }: QueueHandlerOptions<Body>, record: SQSRecord, seconds: number): Promise<void> {
  try {
    await queues.changeVisibility(queue, record.receiptHandle, seconds);
  } catch (failure) {
    logger.warn('visibility not changed', { queue, messageId: record.messageId, ...errorFields(failure) });
  }
}
