import { workerData } from 'node:worker_threads';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { Hono } from 'hono';
import { composeApp } from '../../../functions/alert-webhook/handler.ts';
import { createSqsClient } from '../../../infra/local/stack/sqs-client.ts';
import { sqsQueues } from '../../../shared/queue/sqs.ts';
import { serveFront, type FrontCertificate } from '../fronts/front-server.ts';

export interface ServerData extends FrontCertificate {
  readonly kind: 'bare' | 'webhook';
  readonly queueEndpoint: string;
  /** The URL of queue x is this and x. */
  readonly urlPrefix: string;
  readonly token: string;
  /** Holds the token. */
  readonly tokenFile: string;
}

interface Notification {
  readonly receiver: string;
  readonly groupKey: string;
  readonly externalURL: string;
  readonly alerts: readonly unknown[];
}

const batchCountMax = 10; // SQS takes no more
const batchesAtOnce = 4; // as ours

/** Compares the token, parses the body and sends a message an alert: what any such webhook must do at least. It trusts every byte. */
function bareApp({ token, queueEndpoint, urlPrefix }: ServerData): Hono {
  const client = createSqsClient(queueEndpoint, {});
  const app = new Hono();
  app.post('/alerts', async (context) => {
    if (context.req.header('authorization') !== `Bearer ${token}`) return context.json({}, 401);
    const { alerts, receiver, groupKey, externalURL } = await context.req.json<Notification>();
    const entries = alerts.map((alert, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify({ version: 1, receivedAt: new Date().toISOString(), source: 'alertmanager', receiver, groupKey, externalURL, alert }),
    }));
    for (let first = 0; first < entries.length; first += batchCountMax * batchesAtOnce) {
      const starts = Array.from({ length: batchesAtOnce }, (_, batch) => first + batch * batchCountMax).filter((start) => start < entries.length);
      const send = (start: number) =>
        client.send(new SendMessageBatchCommand({ QueueUrl: `${urlPrefix}alerts`, Entries: entries.slice(start, start + batchCountMax) }));
      await Promise.all(starts.map(send));
    }
    return context.json({ accepted: alerts.length });
  });
  return app;
}

function webhookApp({ queueEndpoint, urlPrefix, tokenFile }: ServerData): Hono {
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: urlPrefix, KUBERNAUT_WEBHOOK_TOKENS_FILE: tokenFile, KUBERNAUT_LOG_LEVEL: 'silent' };
  return composeApp(variables, { queues: sqsQueues({ client: createSqsClient(queueEndpoint, {}), urlPrefix }) });
}

const data = workerData as ServerData;
await serveFront(`the ${data.kind} server`, data, data.kind === 'bare' ? bareApp(data) : webhookApp(data));
