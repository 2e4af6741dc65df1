import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueReceiver } from '../queue/received.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { FunctionDefinition, QueueSource } from './serverless-file.ts';

export interface LambdaContext {
  readonly functionName: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type QueueFunction = (event: SQSEvent, context: LambdaContext) => Promise<SQSBatchResponse>;

export interface InvocationReport {
  readonly functionName: string;
  readonly records: number;
  readonly durationMilliseconds: number;
  readonly failures: number;
}

export interface EventSourceOptions {
  readonly clock: TrackedClock;
  readonly receiver: QueueReceiver;
  readonly definition: FunctionDefinition & { readonly source: QueueSource };
  readonly invoke: QueueFunction;
  /** Told of every invocation, for counts and for the trail of what failed. */
  readonly invoked: (report: InvocationReport) => void;
  readonly failed: (error: unknown) => void;
}

/** What Lambda's event source mapping does: polls, invokes with a batch, deletes what was handled, and leaves the rest to the queue's visibility. */
export async function runEventSource(options: EventSourceOptions, signal: AbortSignal): Promise<void> {
  const { definition, clock } = options;
  const { source } = definition;
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    if (running.size >= source.concurrencyMax) {
      await Promise.race(running);
      continue;
    }
    const records = await nextBatch(options, signal).catch(async (error: unknown) => {
      if (!signal.aborted) options.failed(error);
      await clock.sleep(1_000, signal).catch(() => undefined); // A queue that is away is asked again each second.
      return [];
    });
    if (records.length === 0) continue;
    const invocation: Promise<void> = clock.track(() => invokeBatch(options, { Records: [...records] })).finally(() => running.delete(invocation));
    running.add(invocation);
  }
  await Promise.allSettled(running);
}

/** The first messages that come; with a batching window, what else comes until it closes or the batch is full. */
async function nextBatch({ receiver, definition, clock }: EventSourceOptions, signal: AbortSignal): Promise<readonly SQSRecord[]> {
  const { queue, batchSize, batchWindowSeconds } = definition.source;
  const records = [...(await receiver.receive(queue, batchSize, signal))];
  const closesAt = clock.milliseconds() + batchWindowSeconds * 1_000;
  while (records.length > 0 && records.length < batchSize && !signal.aborted) {
    const secondsLeft = Math.ceil((closesAt - clock.milliseconds()) / 1_000);
    if (secondsLeft <= 0) break;
    // A queue that fails now is met again by the next poll: what is here goes on.
    const more = await receiver.receive(queue, batchSize - records.length, signal, secondsLeft).catch(() => []);
    if (more.length === 0) break;
    records.push(...more);
  }
  return records;
}

async function invokeBatch({ clock, receiver, definition, invoke, invoked, failed }: EventSourceOptions, event: SQSEvent): Promise<void> {
  const begun = clock.milliseconds();
  try {
    const answer = await invoke(event, contextOf(definition, clock));
    const returned = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    await receiver.acknowledge(
      definition.source.queue,
      event.Records.filter(({ messageId }) => !returned.has(messageId)),
    );
    invoked({ functionName: definition.name, records: event.Records.length, durationMilliseconds: clock.milliseconds() - begun, failures: returned.size });
  } catch (error) {
    // The whole batch comes again after the visibility timeout, as it would in the cloud.
    invoked({
      functionName: definition.name,
      records: event.Records.length,
      durationMilliseconds: clock.milliseconds() - begun,
      failures: event.Records.length,
    });
    failed(error);
  }
}

export function contextOf({ name, timeoutSeconds }: FunctionDefinition, clock: TrackedClock): LambdaContext {
  const deadline = clock.milliseconds() + timeoutSeconds * 1_000;
  return { functionName: name, awsRequestId: `local-${name}`, getRemainingTimeInMillis: () => deadline - clock.milliseconds() };
}
