import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { WebhookAnswer, WebhookCall, WebhookClient } from '../extension.ts';

const answerBytesMax = 3 * 1024 * 1024; // the largest object and its patch
const unlistened = { code: 'ECONNREFUSED', words: 'connect: connection refused' } as const;

/** Calls webhooks where their configuration says, over HTTPS, in the machine's own time. */
export function httpsWebhookClient(): WebhookClient {
  return async (call) => {
    const signal = AbortSignal.timeout(call.timeoutMilliseconds);
    try {
      return await answerOf(await post(call, signal));
    } catch (error) {
      return { kind: 'unreached', why: whyNot(call, error, signal) };
    }
  };
}

function post({ url, caBundle, review }: WebhookCall, signal: AbortSignal): Promise<IncomingMessage> {
  const body = Buffer.from(JSON.stringify(review));
  const headers = {
    accept: 'application/json, */*',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'kube-apiserver-admission',
  };
  const trusted = caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64') };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(url, { method: 'POST', headers, agent: false, signal, ...trusted }, resolve);
    sent.on('error', reject);
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
