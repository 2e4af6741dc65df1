import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A way to a queue server that can be made slow, or closed for a while. */
export interface QueueProxy {
  readonly endpoint: string;
  /** Every piece of a request is held for so long; 0: as fast as it goes. */
  delay(milliseconds: number): void;
  /** Nobody listens any more, and open connections are cut. */
  close(): Promise<void>;
  /** On the same port as before. */
  open(): Promise<void>;
}

const host = '127.0.0.1';

/** In front of a server of this machine, byte by byte: it knows nothing of SQS. */
export async function aQueueProxy(target: string): Promise<QueueProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  let delayMilliseconds = 0;
  let server: Server | null = null;

  async function* slowed(from: Socket): AsyncGenerator<Buffer> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (delayMilliseconds > 0) await wait(delayMilliseconds);
      yield chunk;
    }
  }

  async function forward(client: Socket): Promise<void> {
    const upstream = connect({ host: hostname, port: Number(targetPort) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      socket.on('error', () => undefined); // it closes next
    }
    upstream.pipe(client);
    try {
      for await (const chunk of slowed(client)) upstream.write(chunk);
    } catch {
      // The connection was cut: both ends are destroyed by now.
    }
    upstream.end();
  }

  const listen = async (port: number): Promise<number> => {
    server = createServer((client) => void forward(client));
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    endpoint: `http://${host}:${port}`,
    delay(milliseconds) {
      delayMilliseconds = milliseconds;
    },
    async close() {
      if (server === null) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      server = null;
    },
    async open() {
      if (server === null) await listen(port);
    },
  };
}
