import { once } from 'node:events';
import { createServer } from 'node:https';
import { parentPort, Worker } from 'node:worker_threads';
import { serveFetch } from '../../../infra/local/stack/fetch-server.ts';

export interface FrontServer {
  readonly name: string;
  readonly port: number;
  readonly worker: Worker;
}

export interface FrontCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const startMillisecondsMax = 30_000;

/** A server in a thread of its own, so that the one who asks does not pay for the answers. The module calls `serveFront` once. */
export async function startFrontServer(name: string, module: URL, data: FrontCertificate): Promise<FrontServer> {
  const worker = new Worker(module, { workerData: data });
  const [port] = (await once(worker, 'message', { signal: AbortSignal.timeout(startMillisecondsMax) })) as [number];
  return { name, port, worker };
}

/** In the thread: serves as the local stack serves a function, over TLS with keep-alive, and tells the port. */
export async function serveFront(
  what: string,
  { certificatePem: cert, keyPem: key }: FrontCertificate,
  app: { fetch(request: Request): Response | Promise<Response> },
) {
  const options = { cert, key, minVersion: 'TLSv1.2', headersTimeout: 5_000 } as const;
  const server = await serveFetch({ what, option: 'port', port: 0, create: (listener) => createServer(options, listener) });
  server.answerWith(async (request) => app.fetch(request));
  parentPort?.postMessage(server.port);
}
