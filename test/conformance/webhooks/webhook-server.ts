import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAuthority } from '../../../infra/local/certificates/authority.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { objectAt } from '../subject.ts';

/** What a webhook does with a review: a response, whose uid is filled in; an answer that is none; or nothing at all. */
export type Answer = { readonly response: JsonObject } | { readonly status: number; readonly text: string } | 'never';

export type Webhook = (request: JsonObject) => Answer;

/** One review that came. */
export interface Call {
  readonly path: string;
  /** `timeout=10s`: what the API server tells of its patience. */
  readonly query: string;
  readonly review: JsonObject;
  readonly request: JsonObject;
}

export interface WebhookServer {
  readonly url: string;
  /** The authority that vouches for it, as a configuration holds it. */
  readonly caBundle: string;
  serve(path: string, webhook: Webhook): void;
  /** In the order in which they came. */
  calls(): readonly Call[];
  close(): Promise<void>;
}

/** Webhooks over HTTPS on loopback. A path that nobody serves is answered with 404. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const authority = await createAuthority('conformance-webhooks', Date.now());
  const { certificatePem, keyPem } = await authority.issue({ commonName: '127.0.0.1', usages: ['server'] });
  const webhooks = new Map<string, Webhook>();
  const calls: Call[] = [];
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://127.0.0.1');
    const review = JSON.parse((await request.setEncoding('utf8').toArray()).join('')) as JsonObject;
    calls.push({ path: pathname, query: searchParams.toString(), review, request: objectAt(review, 'request') });
    const answered = webhooks.get(pathname)?.(objectAt(review, 'request')) ?? { status: 404, text: 'no such webhook' };
    if (answered === 'never') return;
    const { status, text } = 'response' in answered ? { status: 200, text: reviewOf(review, answered.response) } : answered;
    response.writeHead(status, { 'content-type': 'response' in answered ? 'application/json' : 'text/plain' }).end(text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the webhooks listen on no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    caBundle: Buffer.from(authority.caPem).toString('base64'),
    serve(path, webhook) {
      webhooks.set(path, webhook);
    },
    calls: () => [...calls],
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function reviewOf(review: JsonObject, response: JsonObject): string {
  const { apiVersion, kind } = review;
  return JSON.stringify({ apiVersion, kind, response: { uid: objectAt(review, 'request')['uid'], ...response } });
}
