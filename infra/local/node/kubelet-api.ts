import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../shared/clock.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Certificate } from '../certificates/authority.ts';
import { createApiClient } from '../controllers/api-client.ts';
import { podKind, podSchema, type Pod } from '../controllers/pod.ts';
import { readObject } from '../controllers/stored-object.ts';
import { cutLog, type ContainerLogs } from '../container-logs.ts';
import { parseLogRequest, type LogRequest } from './log-request.ts';

export interface KubeletApiOptions {
  readonly certificate: Certificate;
  /** Who signed the API server's client certificate, and the name on it: nobody else may ask. */
  readonly caPem: string;
  readonly clientName: string;
  /** The node's own, to look at the pod. */
  readonly transport: Transport;
  readonly logs: ContainerLogs;
  readonly clock: Clock;
}

/** Where an API server reaches the kubelet, as the Node object names it. */
export interface KubeletApi {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const pollMilliseconds = 500; // soon enough for who reads along, and nothing when nobody does
const headersTimeoutMilliseconds = 20_000;

/** What of a kubelet's HTTPS API the API server asks for here: `GET /containerLogs/<namespace>/<pod>/<container>`. */
export async function serveKubeletApi(options: KubeletApiOptions): Promise<KubeletApi> {
  const { certificatePem, keyPem } = options.certificate;
  const closing = new AbortController();
  const tls = { cert: certificatePem, key: keyPem, ca: options.caPem, minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false } as const;
  const server = createServer({ ...tls, headersTimeout: headersTimeoutMilliseconds }, (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    void answer(options, request, { response, signal: AbortSignal.any([gone.signal, closing.signal]) });
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    address: host,
    port: (server.address() as AddressInfo).port,
    async close() {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reader {
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

async function answer(options: KubeletApiOptions, request: IncomingMessage, { response, signal }: Reader): Promise<void> {
  try {
    const refusal = refusalOf(request, options.clientName);
    if (refusal !== null) return sendText(response, refusal);
    const asked = parseLogRequest(request.url ?? '/');
    if (asked.kind === 'refused') return sendText(response, asked);
    await sendLog(options, asked, { response, signal });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendText(response, { status: 500, text: error instanceof Error ? error.message : String(error) });
  }
}

interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

/** A certificate of our authority, and of the API server's name: whoever may read logs is for the API server to say. */
function refusalOf({ method, socket }: IncomingMessage, clientName: string): TextAnswer | null {
  const connection = socket as TLSSocket; // of an HTTPS server they all are
  if (!connection.authorized) return { status: 401, text: 'Unauthorized' };
  if (connection.getPeerCertificate().subject.CN !== clientName) return { status: 403, text: 'Forbidden' };
  return method === 'GET' ? null : { status: 405, text: 'Method Not Allowed' };
}

async function sendLog({ transport, logs, clock }: KubeletApiOptions, asked: LogRequest, { response, signal }: Reader): Promise<void> {
  const client = createApiClient(transport, 'kubelet');
  const read = async (): Promise<Pod | null> => {
    const found = await client.get({ ...podKind, namespace: asked.namespace, name: asked.pod });
    return found && readObject(podSchema, found);
  };
  const pod = await read();
  const log = (): string => (pod && logs.read(pod.metadata.uid, asked.container)) ?? '';
  const refusal = pod === null ? { status: 404, text: `pod ${asked.namespace}/${asked.pod} not found` } : whyNoLog(pod, asked, log());
  if (refusal !== null) return sendText(response, refusal);
  response.writeHead(200, { 'content-type': 'text/plain' });
  const first = log();
  response.write(cutLog(first, asked.bounds));
  let shown = first.length;
  let hasEnded = !asked.follow || isOver(pod, asked.container);
  while (!hasEnded && (await passed(clock, signal))) {
    const now = await read(); // before the text, so that nothing written at the end is missed
    hasEnded = now?.metadata.uid !== pod?.metadata.uid || isOver(now, asked.container);
    const text = log();
    response.write(text.slice(shown));
    shown = Math.max(shown, text.length);
  }
  response.end();
}

/** As a kubelet says it: the API server passes the words on. */
function whyNoLog(pod: Pod, { container, previous }: LogRequest, text: string): TextAnswer | null {
  if (!pod.spec.containers.some(({ name }) => name === container)) return { status: 404, text: `container ${container} not found in pod ${pod.metadata.name}` };
  if (previous) return { status: 400, text: `previous terminated container "${container}" in pod "${pod.metadata.name}" not found` };
  const waiting = pod.status.containerStatuses.find(({ name }) => name === container)?.state.waiting;
  if (waiting === undefined || text !== '') return null;
  return { status: 400, text: `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${waiting.reason ?? 'ContainerCreating'}` };
}

function isOver(pod: Pod | null, container: string): boolean {
  if (pod === null || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return true;
  return pod.spec.restartPolicy === 'Never' && pod.status.containerStatuses.find(({ name }) => name === container)?.state.terminated !== undefined;
}

function sendText(response: ServerResponse, { status, text }: TextAnswer): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}

async function passed(clock: Clock, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(pollMilliseconds, signal).then(
    () => true,
    () => false,
  );
}
