import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { WebhookAnswer, WebhookCall, WebhookClient } from '../extension.ts';

const answerBytesMax = 3 * 1024 * 1024; // the largest object and its patch
const agentsMax = 30; // one for each authority that a configuration names; as many clients as a kube-apiserver keeps
const unlistened = { code: 'ECONNREFUSED', words: 'connect: connection refused' } as const;

/** Calls webhooks where their configuration says, over HTTPS, in the machine's own time. */
export function httpsWebhookClient(): WebhookClient {
  const agentOf = keptAgents();
  return async (call) => {
    const signal = AbortSignal.timeout(call.timeoutMilliseconds);
    try {
      return await answerOf(await post(call, agentOf(call.caBundle), signal));
    } catch (error) {
      return { kind: 'unreached', why: whyNot(call, error, signal) };
    }
  };
}

/** A handshake costs more than a review: connections are kept, by the authority that vouches for their other end. */
function keptAgents(): (caBundle: string) => Agent {
  const agents = new Map<string, Agent>();
  return (caBundle) => {
    const agent = agents.get(caBundle) ?? new Agent({ keepAlive: true, ...(caBundle !== '' && { ca: Buffer.from(caBundle, 'base64') }) });
    if (agents.size >= agentsMax) agents.clear();
    agents.set(caBundle, agent);
    return agent;
  };
}

function post(call: WebhookCall, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, review } = call;
  const body = Buffer.from(JSON.stringify(review));
  const headers = {
    accept: 'application/json, */*',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'kube-apiserver-admission',
  };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(url, { method: 'POST', headers, agent, signal }, resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The other end closed a kept connection just now: a review may be sent twice, and the next connection is another.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(post(call, agent, signal));
      else reject(error);
    });
    sent.end(body);
  });
}

async function answerOf(message: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`the answer is larger than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return {
    kind: 'answered',
    status: message.statusCode ?? 0,
    contentType: message.headers['content-type'] ?? '',
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Where Node trusts nobody who vouches for the webhook; Go has the same words for all of it. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
]);

function whyNot({ url }: WebhookCall, error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'context deadline exceeded';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { hostname, port } = new URL(url);
  if (code === unlistened.code) return `dial tcp ${hostname}:${port || '443'}: ${unlistened.words}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname}: no such host`;
  if (untrusted.has(code)) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  return error instanceof Error ? error.message : String(error);
}
