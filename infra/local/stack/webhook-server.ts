import { createServer } from 'node:http';
import { fetchServerHost, requestDeadlines, serveFetch, type FetchServer } from './fetch-server.ts';

export interface WebhookServer extends Pick<FetchServer, 'answerWith' | 'close'> {
  /** Where Alertmanager posts to. */
  readonly url: string;
}

/** An HTTP server on loopback for the alert-webhook's fetch function. 0: any port that is free. */
export async function serveWebhook(port: number): Promise<WebhookServer> {
  const server = await serveFetch({ what: 'the webhook', option: '--webhook-port', port, create: (listener) => createServer(requestDeadlines, listener) });
  return { ...server, url: `http://${fetchServerHost}:${server.port}/alerts` };
}
