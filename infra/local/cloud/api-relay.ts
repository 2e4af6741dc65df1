import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ApiRelay {
  /** Where the API server is for functions on an emulator. */
  readonly url: string;
  /** What its certificate calls it. */
  readonly serverName: string;
  close(): Promise<void>;
}

/** Addresses of this machine alone that are not 127.0.0.1: the second for systems that know but that one of its network. */
const hosts = ['127.0.0.2', '::1'];
const serverName = 'kubernetes';

/**
 * The API server under another address. MiniStack turns what a function sends by HTTPS to 127.0.0.1 or localhost into plain HTTP, to catch answers that
 * others mean for itself; an address that it does not know it leaves alone. Bytes are passed on as they come, so TLS is still the API server's.
 */
export async function relayApi(apiUrl: string): Promise<ApiRelay> {
  const { hostname, port } = new URL(apiUrl);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const api = connect(Number(port), hostname);
    for (const end of [socket, api]) {
      sockets.add(end);
      end.on('error', () => undefined); // its end follows
      end.once('close', () => {
        sockets.delete(end);
        socket.destroy();
        api.destroy();
      });
    }
    socket.pipe(api).pipe(socket);
  });
  const host = await listenSomewhere(server);
  const { port: relayPort } = server.address() as AddressInfo;
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${relayPort}`,
    serverName,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listenSomewhere(server: Server): Promise<string> {
  let refusal: unknown;
  for (const host of hosts) {
    try {
      server.listen(0, host);
      await once(server, 'listening');
      return host;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}
