import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDefinition } from './serverless-file.ts';
import { StartFailed } from './start-failed.ts';

export interface CreatedQueues {
  /** The URL of queue x is this and x. */
  readonly urlPrefix: string;
  /** Deletes them, messages included. */
  remove(): Promise<void>;
}

const callMilliseconds = 5_000;
const deadLetterSeconds = 1_209_600; // longer than the source keeps a message: a dead letter keeps its first time
const pollSeconds = 20;

/** Creates what infra/cloud/queues.yml declares, each queue with its dead-letter queue, through the SQS API. Queues that are there as declared are taken as they are. */
export async function createSqsQueues(client: SQSClient, prefix: string, definitions: readonly QueueDefinition[]): Promise<CreatedQueues> {
  const urls: string[] = [];
  for (const { name, visibilitySeconds, receivesMax } of definitions) {
    const deadLetterUrl = await createQueue(client, `${prefix}${name}-dlq`, { MessageRetentionPeriod: String(deadLetterSeconds) });
    const redrive = { deadLetterTargetArn: await arnOf(client, deadLetterUrl), maxReceiveCount: receivesMax };
    const url = await createQueue(client, `${prefix}${name}`, {
      VisibilityTimeout: String(visibilitySeconds),
      ReceiveMessageWaitTimeSeconds: String(pollSeconds),
      RedrivePolicy: JSON.stringify(redrive),
    });
    urls.push(url, deadLetterUrl);
  }
  const [first] = definitions;
  if (first === undefined) throw new Error('infra/cloud/queues.yml declares no queue');
  return {
    urlPrefix: (urls[0] ?? '').slice(0, -first.name.length),
    async remove() {
      await Promise.allSettled(urls.map((url) => client.send(new DeleteQueueCommand({ QueueUrl: url }), timely())));
    },
  };
}

async function createQueue(client: SQSClient, name: string, attributes: Partial<Record<QueueAttributeName, string>>): Promise<string> {
  try {
    const { QueueUrl: url } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }), timely());
    if (url === undefined) throw new Error('the answer holds no QueueUrl');
    return url;
  } catch (cause) {
    throw new StartFailed(await refusalOf(client, name, cause), { cause });
  }
}

async function refusalOf(client: SQSClient, name: string, cause: unknown): Promise<string> {
  if (cause instanceof Error && /QueueNameExists|QueueAlreadyExists/.test(cause.name)) {
    return `queue ${name} exists with other settings than infra/cloud/queues.yml declares: delete it, or give another --queue-prefix`;
  }
  const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? { protocol: 'http:', hostname: 'the endpoint' };
  const address = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return `the queue endpoint ${address} did not create ${name} (${cause instanceof Error ? causeText(cause) : String(cause)}): check --queue-endpoint and the AWS_ variables`;
}

/** The SDK's timeouts and refused connections carry their reason in the name or in a code. */
function causeText(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message === '' ? code : `${code}: ${error.message}`.replace(/\s+/g, ' ');
}

async function arnOf(client: SQSClient, url: string): Promise<string> {
  const { Attributes: attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }), timely());
  const arn = attributes?.['QueueArn'];
  if (arn === undefined) throw new Error(`${url} has no QueueArn`);
  return arn;
}

function timely(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callMilliseconds) };
}
