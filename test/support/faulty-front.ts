import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Stands before the deployed webhook: passes on, answers 503 as if we were in trouble, or is not there at all. */
export interface FaultyFront {
  readonly url: string;
  /** What passed through and was answered, as the sender saw it. */
  readonly posts: readonly { readonly status: number; readonly body: string }[];
  trouble(is: boolean): void;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function aFaultyFront(behind: string): Promise<FaultyFront> {
  const posts: { status: number; body: string }[] = [];
  let isInTrouble = false;
  let server: Server | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString('utf8');
    const status = isInTrouble ? 503 : await passOn(behind, request, body);
    posts.push({ status, body });
    response.writeHead(status).end();
  }

  async function listen(port: number): Promise<number> {
    server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function leave(): Promise<void> {
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    server = null;
    await closed;
  }

  const port = await listen(0);
  return {
    url: `http://${host}:${port}/alerts`,
    posts,
    trouble: (is) => {
      isInTrouble = is;
    },
    leave,
    async comeBack() {
      await listen(port);
    },
    close: leave,
  };
}

async function passOn(behind: string, request: IncomingMessage, body: string): Promise<number> {
  const headers = { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? 'application/json' };
  const answer = await fetch(behind, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}
