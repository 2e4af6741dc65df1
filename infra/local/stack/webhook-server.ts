import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { listening } from './start-failed.ts';

export interface WebhookServer {
  /** Where Alertmanager posts to. */
  readonly url: string;
  /** Who answers from now on. Until then it is 503, and Alertmanager tries again. */
  answerWith(fetch: (request: Request) => Promise<Response>): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const headersTimeoutMilliseconds = 10_000;

/** An HTTP server on loopback for the alert-webhook's fetch function: what the function URL is in the cloud. 0: any port that is free. */
export async function serveWebhook(port: number): Promise<WebhookServer> {
  let answer: (request: Request) => Promise<Response> = () => Promise.resolve(new Response('starting\n', { status: 503 }));
  const listener = getRequestListener((request) => answer(request));
  const server = createServer({ headersTimeout: headersTimeoutMilliseconds }, (request, response) => void listener(request, response));
  await listening({ what: 'the webhook', option: '--webhook-port', port }, async () => {
    server.listen(port, host);
    await once(server, 'listening');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the webhook listens on no port');
  return {
    url: `http://${host}:${address.port}/alerts`,
    answerWith(fetch) {
      answer = fetch;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
