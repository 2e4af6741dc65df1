import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { localCredentials, localRegion } from '../../infra/local/queue/received.ts';
import { readServerlessFile } from '../../infra/local/stack/serverless-file.ts';
import { createSqsQueues } from '../../infra/local/stack/sqs-queues.ts';
import { startSqsServer } from '../../infra/local/stack/sqs-server.ts';
import { openStage, telling, type Stage } from '../../infra/cli/queues/stage.ts';
import type { DeadLetterQueueName, QueueName } from '../../shared/queue/ports.ts';
import { aCommandLine, type Ended } from './command-line.ts';
import { root } from './operator-world.ts';

/** The product's queues in an SQS of their own, with nobody who takes anything from them. */
export interface QueueWorld {
  readonly stage: Stage;
  readonly variables: Readonly<Record<string, string>>;
  kubernaut(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `attributes` as a function gives them to a dead letter. */
  put(queue: QueueName | DeadLetterQueueName, body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export async function aQueueWorld(): Promise<QueueWorld> {
  const [server, commandLine] = await Promise.all([startSqsServer(0), aCommandLine()]);
  const client = new SQSClient({ endpoint: server.endpoint, region: localRegion, credentials: localCredentials });
  const { urlPrefix } = await createSqsQueues(client, 'kubernaut-test-', readServerlessFile(root).queues);
  const variables = {
    KUBERNAUT_QUEUE_URL_PREFIX: urlPrefix,
    AWS_ENDPOINT_URL_SQS: server.endpoint,
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  };
  return {
    stage: { ...openStage({ queueUrlPrefix: urlPrefix }, variables), client: telling(client, { urlPrefix, endpoint: null, profile: null }) },
    variables,
    kubernaut: (argv, environment) => commandLine.run(argv, { ...variables, ...environment }),
    async put(queue, body, attributes = {}) {
      const given = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]));
      await client.send(new SendMessageCommand({ QueueUrl: `${urlPrefix}${queue}`, MessageBody: body, MessageAttributes: given }));
    },
    async close() {
      client.destroy();
      await Promise.all([server.close(), commandLine.close()]);
    },
  };
}
