import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StatusServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface StatusOptions {
  readonly port: number;
  /** Null when well; else why not. */
  readonly illness: () => string | null;
  /** Null when everything is watched; else what is not. */
  readonly unreadiness: () => string | null;
  /** Prometheus text format 0.0.4. */
  readonly metrics: () => string;
}

const requestMilliseconds = 5_000; // a probe or a scrape is answered from memory
const connectionsMax = 64;

/** /healthz and /readyz for the kubelet, /metrics for Prometheus; nothing else, and nothing can be changed here. */
export async function serveStatus({ port, ...answers }: StatusOptions): Promise<StatusServer> {
  const server = createServer((request, response) => {
    try {
      answer(request, response, answers);
    } catch (error) {
      // Whoever asks how the watcher is must not be able to end it.
      if (!response.headersSent) response.writeHead(500);
      response.end(`${String(error)}\n`);
    }
  });
  server.requestTimeout = requestMilliseconds;
  server.headersTimeout = requestMilliseconds;
  server.maxConnections = connectionsMax;
  server.listen(port);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, { illness, unreadiness, metrics }: Omit<StatusOptions, 'port'>): void {
  const say = (status: number, text: string, contentType = 'text/plain; charset=utf-8') => {
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
    response.end(method === 'HEAD' ? undefined : text);
  };
  const judge = (trouble: string | null) => {
    say(trouble === null ? 200 : 503, `${trouble ?? 'ok'}\n`);
  };
  if (method !== 'GET' && method !== 'HEAD') return say(405, 'only GET\n');
  switch (url.split('?')[0]) {
    case '/healthz':
      return judge(illness());
    case '/readyz':
      return judge(unreadiness() ?? illness());
    case '/metrics':
      return say(200, metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    default:
      return say(404, 'only /healthz, /readyz and /metrics\n');
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
