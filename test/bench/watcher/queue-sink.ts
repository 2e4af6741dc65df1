import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as z from 'zod';

export interface QueueSink {
  readonly endpoint: string;
  /** Messages taken so far. */
  count(): number;
  /** Resolves to when the last of so many came, in milliseconds of `performance.now()`; null when they do not come in time. */
  reached(count: number, patienceMilliseconds: number): Promise<number | null>;
  close(): Promise<void>;
}

const batchSchema = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });

/** As much of SQS as a sender meets: it confirms every batch, counts, and keeps nothing. The queue server of the local stack does more for each message than a watcher does, and would be what is measured. */
export async function startQueueSink(): Promise<QueueSink> {
  let count = 0;
  let looked: () => void = () => undefined;
  const server = createServer((request, response) => {
    void answerTo(request).then(({ taken, body }) => {
      count += taken;
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(body);
      looked();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    reached: (wanted, patienceMilliseconds) =>
      new Promise((resolve) => {
        const patience = setTimeout(() => resolve(null), patienceMilliseconds);
        looked = () => {
          if (count < wanted) return;
          clearTimeout(patience);
          resolve(performance.now());
        };
        looked();
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerTo(request: IncomingMessage): Promise<{ readonly taken: number; readonly body: string }> {
  const { Entries: entries } = batchSchema.parse(await json(request));
  const confirmed = entries.map(({ Id, MessageBody }) => ({ Id, MessageId: Id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }));
  return { taken: entries.length, body: JSON.stringify({ Successful: confirmed, Failed: [] }) };
}
