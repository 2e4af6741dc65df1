import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { listening } from './start-failed.ts';

export interface WebhookServer {
  /** Where Alertmanager posts to. */
  readonly url: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const headersTimeoutMilliseconds = 10_000;

/** The alert-webhook's fetch function behind an HTTP server on loopback: what the function URL is in the cloud. 0: any port that is free. */
export async function serveWebhook(fetch: (request: Request) => Promise<Response>, port: number): Promise<WebhookServer> {
  const listener = getRequestListener(fetch);
  const server = createServer({ headersTimeout: headersTimeoutMilliseconds }, (request, response) => void listener(request, response));
  await listening({ what: 'the webhook', option: '--webhook-port', port }, async () => {
    server.listen(port, host);
    await once(server, 'listening');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the webhook listens on no port');
  return {
    url: `http://${host}:${address.port}/alerts`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
