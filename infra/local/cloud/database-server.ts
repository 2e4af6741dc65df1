import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { randomToken } from '../stack/workspace.ts';
import { accepted, askPassword, openingOf, passwordOf, readinessIn, refusal, refuseEncryption, splitMessages, type Message } from './wire-messages.ts';

export interface DatabaseServer {
  /** With its password. */
  readonly url: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const user = 'kubernaut';
/** A client waits for the answer to these; what it sends before them belongs to the same request. */
const endsRequest = new Set(['Q', 'S', 'H', 'F']);
const terminate = 'X';
const rollback = Buffer.from('Q\0\0\0\x0dROLLBACK\0', 'latin1');

/**
 * PostgreSQL in this process, in memory, for any client that speaks its protocol. It has one session, so connections take turns: whoever has begun
 * a transaction keeps it until the transaction ends, or the connection does.
 */
export async function serveDatabase(): Promise<DatabaseServer> {
  const pglite = await PGlite.create();
  const password = randomToken();
  const turns = createTurns();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // its end follows, and is what counts
    socket.once('close', () => sockets.delete(socket));
    void converse(socket, { pglite, password, turns });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgresql://${user}:${password}@${host}:${port}/postgres`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await pglite.close();
    },
  };
}

interface Session {
  readonly pglite: PGlite;
  readonly password: string;
  readonly turns: Turns;
}

async function converse(socket: Socket, { pglite, password, turns }: Session): Promise<void> {
  const holder = {};
  let state: 'opening' | 'password' | 'open' = 'opening';
  let received: Buffer = Buffer.alloc(0);
  let request: Message[] = [];

  async function ask(bytes: Uint8Array): Promise<Buffer> {
    await turns.take(holder);
    const answer = Buffer.from(await pglite.execProtocolRaw(bytes));
    if (readinessIn(answer) === 'I') turns.give(holder);
    return answer;
  }

  async function hear(message: Message): Promise<void> {
    if (state === 'password') {
      if (passwordOf(message) !== password) return void socket.end(refusal('28P01', 'password authentication failed'));
      state = 'open';
      socket.write(accepted);
      return;
    }
    if (message.type === terminate) return void socket.end();
    request.push(message);
    if (!endsRequest.has(message.type)) return;
    const bytes = Buffer.concat(request.map((each) => each.bytes));
    request = [];
    socket.write(await ask(bytes));
  }

  function open(): void {
    for (let opening = openingOf(received); state === 'opening' && opening !== null; opening = openingOf(received)) {
      received = received.subarray(opening.bytes);
      socket.write(opening.kind === 'encryption' ? refuseEncryption : askPassword);
      if (opening.kind === 'startup') state = 'password';
    }
  }

  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      open();
      if (state === 'opening') continue;
      const { messages, rest } = splitMessages(received);
      received = rest;
      for (const message of messages) await hear(message);
    }
  } catch {
    socket.destroy(); // reset in the middle, or the database is closed: its client tries again
  } finally {
    // What it began and did not end is undone, before anybody else is heard.
    if (turns.holds(holder)) await pglite.execProtocolRaw(rollback).catch(() => undefined);
    turns.give(holder);
  }
}

interface Turns {
  /** Resolves when it is this one's turn. */
  take(holder: object): Promise<void>;
  holds(holder: object): boolean;
  give(holder: object): void;
}

function createTurns(): Turns {
  let current: object | null = null;
  const waiting: { readonly holder: object; readonly begin: () => void }[] = [];
  return {
    async take(holder) {
      if (current === holder) return;
      if (current !== null) await new Promise<void>((begin) => waiting.push({ holder, begin }));
      else current = holder;
    },
    holds: (holder) => current === holder,
    give(holder) {
      if (current !== holder) return;
      const next = waiting.shift();
      current = next?.holder ?? null;
      next?.begin();
    },
  };
}
