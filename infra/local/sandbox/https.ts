import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { Clock } from '../../../shared/clock.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { bearerAuthenticator, type Credentials } from './authentication.ts';
import { issueCertificates } from './https-certificate.ts';
import { followLog, isLogFollowed } from './https-log.ts';
import { sandboxRequest } from './https-request.ts';
import { sendEvents, sendResponse } from './https-response.ts';
import type { Sandbox, SandboxRequest } from './sandbox.ts';
import { responseOf, StatusError } from './status-object.ts';
import { isTrue } from './url.ts';

export interface HttpsOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** The machine's time: clients compare certificates with theirs. */
  readonly clock: Clock;
  readonly credentials: Credentials;
  /** How long an answer that is no watch may take; then 504. */
  readonly requestTimeoutMilliseconds?: number;
}

export interface HttpsFront {
  readonly url: string;
  /** The authority that clients must trust. */
  readonly caPem: string;
  /** Ends watches and connections; resolves when nothing of it runs. */
  close(): Promise<void>;
}

const requestTimeoutDefault = 60_000; // as a kube-apiserver
const headersTimeoutMilliseconds = 20_000;

/** The sandbox over HTTPS on loopback, for kubectl and for clients that speak Kubernetes: kubectl sends no token over plain HTTP. */
export async function serveHttps(sandbox: Sandbox, options: HttpsOptions): Promise<HttpsFront> {
  const { caPem, certificatePem, keyPem } = await issueCertificates(options.clock.milliseconds());
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const front = createFront(sandbox, options);
  const server = createServer({ cert: certificatePem, key: keyPem, minVersion: 'TLSv1.2', headersTimeout: headersTimeoutMilliseconds }, (request, response) => {
    const work = front(request, response, closing.signal).finally(() => running.delete(work));
    running.add(work);
  });
  const url = await listen(server, options.port);
  return {
    url,
    caPem,
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.allSettled([...running, closed]);
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening'); // rejects with the error of a port that is taken
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return `https://127.0.0.1:${address.port}`;
}

type Front = (request: IncomingMessage, response: ServerResponse, closing: AbortSignal) => Promise<void>;

function createFront(sandbox: Sandbox, { clock, credentials, requestTimeoutMilliseconds = requestTimeoutDefault }: HttpsOptions): Front {
  const authenticator = bearerAuthenticator(sandbox, credentials);
  return async (incoming, response, closing) => {
    const ended = new AbortController();
    response.on('close', () => ended.abort());
    const signal = AbortSignal.any([closing, ended.signal]);
    try {
      const request = await sandboxRequest(incoming, authenticator);
      if (isWatch(request)) await answerWatch(sandbox, request, { response, signal });
      else if (isLogFollowed(request)) await followLog(sandbox, request, { response, signal, clock });
      else sendResponse(response, await withinTime(sandbox.serve(request), { clock, milliseconds: requestTimeoutMilliseconds, signal }));
    } catch (error) {
      if (!response.headersSent) sendResponse(response, faultOf(error), { closing: !incoming.complete });
      else response.destroy();
    }
  };
}

function isWatch({ method, query = {} }: SandboxRequest): boolean {
  return method === 'GET' && query['watch'] !== undefined && isTrue(query['watch']);
}

async function answerWatch(
  sandbox: Sandbox,
  request: SandboxRequest,
  { response, signal }: { readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  const answer = await sandbox.watch(request, signal);
  if ('status' in answer) sendResponse(response, answer);
  else await sendEvents(response, answer, signal);
}

interface Patience {
  readonly clock: Clock;
  readonly milliseconds: number;
  /** The client went, or the front closes: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

async function withinTime(answer: Promise<ApiResponse>, { clock, milliseconds, signal }: Patience): Promise<ApiResponse> {
  const answered = new AbortController();
  const late = clock.sleep(milliseconds, AbortSignal.any([answered.signal, signal])).then(
    () => responseOf(new StatusError({ code: 504, reason: 'Timeout', message: `Timeout: request did not complete within ${milliseconds / 1000}s` })),
    () => (signal.aborted ? unavailable : answer),
  );
  return Promise.race([answer, late]).finally(() => answered.abort());
}

const unavailable = responseOf(new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'the server is closing', retryAfterSeconds: 1 }));

/** A fault of our own is answered as one: it must not take the server down. */
function faultOf(error: unknown): ApiResponse {
  if (error instanceof StatusError) return responseOf(error);
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  return responseOf(new StatusError({ code: 500, reason: 'InternalError', message }));
}
