import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { JsonObject, JsonValue } from '../api/json.ts';
import { ApiError } from './errors.ts';
import { jsonLines } from './json-lines.ts';
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from './request.ts';
import { warningTexts } from './warnings.ts';

const bodyBytesMax = 64 * 1024 * 1024; // a LIST of 1,000 of our largest objects; beyond it something else answers
const socketsMax = 16; // measured: one function's batch of 10 never waits for a socket; watches, which hold theirs for minutes, have an agent of their own

const idleMilliseconds = 60_000; // load balancers forget a silent connection after minutes, and then do not say so

/** Requests over HTTPS with a kubeconfig's authentication and TLS, on kept-alive connections. */
export function httpsTransport(kubeconfig: KubeConfig): Transport {
  const connection = connectionOf(kubeconfig);
  return {
    async send(request, timeoutMilliseconds) {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      const ask = async () => open(await connection(socketsMax), request, 'application/json', signal);
      const answer = await ask().catch((error: unknown) => (error instanceof ConnectionStale && changesNothing(request) ? ask() : Promise.reject(error)));
      return readAnswer(answer).catch((cause: unknown) => {
        throw new Error(`${request.method} ${request.path}: ${cause instanceof Error ? wordsOf(cause) : String(cause)}`, { cause });
      });
    },

    async *watch(path, query, signal) {
      const request: ApiRequest = { method: 'GET', path, query: { ...query, watch: 'true' } };
      const answer = await open(await connection(Infinity), request, 'application/json', signal).catch((error: unknown) => {
        if (signal.aborted) return null; // given up before anything came
        throw error;
      });
      if (answer === null) return;
      if (answer.statusCode !== 200) {
        const { status, body, retryAfterSeconds } = await readAnswer(answer);
        const { message, reason } = body as { readonly message?: string; readonly reason?: string };
        throw new ApiError({ status, reason: reason ?? '', message: `watching ${path}: ${message ?? `status ${status}`}`, retryAfterSeconds });
      }
      yield* jsonLines(answer, signal) as AsyncIterable<WatchEvent & JsonObject>;
    },
  };
}

/** Reads, rehearsals and access reviews. */
function changesNothing({ method, path, query }: ApiRequest): boolean {
  return method === 'GET' || query?.['dryRun'] === 'All' || path.startsWith('/apis/authorization.k8s.io/');
}

/**
 * A kept connection had been closed, as after a function was frozen between two invocations. A read is sent once more; a write is not, since nobody knows whether it was read before
 * the end, and a second one would meet the conflict that the first one made.
 */
class ConnectionStale extends Error {
  override readonly name = 'ConnectionStale';
}

interface Connection {
  readonly server: URL;
  readonly options: RequestOptions;
}

/** Credentials are asked anew for each request, since exec plugins and token files rotate; an agent is made once for each bound of sockets. */
function connectionOf(kubeconfig: KubeConfig): (socketsMax: number) => Promise<Connection> {
  const cluster = kubeconfig.getCurrentCluster();
  if (cluster === null) throw new Error('kubeconfig: the current context names no cluster');
  const server = new URL(cluster.server);
  const kept = new Map<number, Agent>();
  return async (maxSockets) => {
    const options: RequestOptions = {};
    await kubeconfig.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    // client-node's agent opens a connection per request; with a proxy it is the only one that knows the way.
    if (cluster.proxyUrl !== undefined) return { server, options };
    const agent =
      kept.get(maxSockets) ??
      new Agent({
        keepAlive: true,
        timeout: idleMilliseconds,
        maxSockets,
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
        ...(servername !== undefined && { servername }),
      });
    kept.set(maxSockets, agent);
    return { server, options: { ...options, agent } };
  };
}

function open({ server, options }: Connection, request: ApiRequest, accept: string, signal: AbortSignal): Promise<IncomingMessage> {
  const search = new URLSearchParams(request.query).toString();
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const headers = {
    ...(options.headers as Record<string, string> | undefined),
    accept,
    'user-agent': 'kubernaut',
    ...(body !== undefined && { 'content-type': request.patchType ?? 'application/json', 'content-length': String(body.length) }),
    ...(request.impersonate !== undefined && { 'impersonate-user': request.impersonate }),
  };
  const path = `${server.pathname.replace(/\/$/, '')}${request.path}${search === '' ? '' : `?${search}`}`;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ ...options, host: hostOf(server), port: server.port || 443, method: request.method, path, headers, signal }, resolve);
    sent.on('error', (cause: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
      reject(new (isStale ? ConnectionStale : Error)(`${request.method} ${request.path}: ${wordsOf(cause)}`, { cause }));
    });
    sent.end(body);
  });
}

/** Without OpenSSL's own numbers, and without the advice that Node gives to whoever started it. */
function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ABORT_ERR') return 'no answer in time';
  return code === 'EPROTO' ? 'what listens there does not speak TLS' : message.replace(/; if the root CA .*$/, '');
}

/** A URL writes an IPv6 address in brackets, a socket does not. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

async function readAnswer(answer: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`the API server's answer is larger than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = (answer.headers['content-type'] ?? '').includes('json');
  const retryAfter = Number(answer.headers['retry-after']);
  const { warning } = answer.headers;
  return {
    status: answer.statusCode ?? 0,
    body: isJson && text !== '' ? (JSON.parse(text) as JsonValue) : text,
    ...(Number.isFinite(retryAfter) && retryAfter > 0 && { retryAfterSeconds: retryAfter }),
    ...(warning !== undefined && { warnings: warningTexts(warning) }),
  };
}
