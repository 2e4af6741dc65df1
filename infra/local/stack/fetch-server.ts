import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { answerClientErrors } from './client-errors.ts';
import { listening } from './start-failed.ts';

type Fetch = (request: Request) => Promise<Response>;

export interface FetchServer {
  readonly port: number;
  /** Who answers from now on. Until then it is 503, and whoever asks tries again or takes it for an outage. */
  answerWith(fetch: Fetch): void;
  close(): Promise<void>;
}

export interface FetchServerOptions {
  /** For people, and the option by which they choose another port. */
  readonly what: string;
  readonly option: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly create: (listener: RequestListener) => Server;
}

export const fetchServerHost = '127.0.0.1';

/** Who sends a request drop by drop holds a connection for no longer; Node would look for such once in 30 s. */
export const requestDeadlines = { headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000 } as const;

/** A function's fetch on loopback: what its function URL is in the cloud. Throws StartFailed. */
export async function serveFetch({ what, option, port, create }: FetchServerOptions): Promise<FetchServer> {
  let answer: Fetch = () => Promise.resolve(new Response('starting\n', { status: 503 }));
  const listener = getRequestListener((request) => answer(request));
  const server = create((request, response) => void listener(request, response));
  answerClientErrors(server);
  await listening({ what, option, port }, async () => {
    server.listen(port, fetchServerHost);
    await once(server, 'listening');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`${what} listens on no port`);
  return {
    port: address.port,
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
