import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { queueNames, type DeadLetterQueueName, type QueueName } from '../../../shared/queue/ports.ts';
import type { Stage } from './stage.ts';

/** What the cloud console shows of a queue; all of it is SQS's estimate. */
export interface QueueNumbers {
  readonly name: QueueName;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Of the oldest message; null: nobody knows, or there is none. */
  readonly oldestSeconds: number | null;
  readonly deadLetters: number;
}

type Counts = Pick<QueueNumbers, 'visible' | 'inFlight' | 'delayed'>;
const none: Counts = { visible: 0, inFlight: 0, delayed: 0 };

/** Every queue of the stage, in the order in which a remediation passes through them. */
export async function readNumbers(stage: Stage): Promise<readonly QueueNumbers[]> {
  const ages = stage.ages();
  return inOrder(
    queueNames.map(async (name) => {
      const [counts = none, dead = none] = await inOrder([countsOf(stage, name), countsOf(stage, `${name}-dlq`)]);
      const oldestSeconds = (await ages).get(name) ?? null;
      return { name, ...counts, oldestSeconds, deadLetters: dead.visible + dead.inFlight };
    }),
  );
}

/** All of them, or the failure of the first that failed, whichever came sooner: the same trouble is told the same way each time. */
async function inOrder<Done>(works: readonly Promise<Done>[]): Promise<readonly Done[]> {
  await Promise.allSettled(works);
  return Promise.all(works); // all are settled, so the first in their order is the one that rejects it
}

export async function countsOf(stage: Stage, queue: QueueName | DeadLetterQueueName): Promise<Counts> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'] as const;
  const { Attributes: counts = {} } = await stage.client.send(new GetQueueAttributesCommand({ QueueUrl: stage.urlOf(queue), AttributeNames: [...names] }));
  const [visible = 0, inFlight = 0, delayed = 0] = names.map((name) => Number(counts[name] ?? 0));
  return { visible, inFlight, delayed };
}
