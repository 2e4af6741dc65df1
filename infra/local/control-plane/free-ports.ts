import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { StartFailed } from '../stack/start-failed.ts';

const host = '127.0.0.1';

/** Ports of loopback that nobody listens on, all different. Another process may take one before it is used: whoever uses them tries again. */
export async function freePorts(count: number, listen: (server: Server) => Promise<void> = listenAnywhere): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const server = createServer();
      servers.push(server);
      await listen(server);
    }
    return servers.map((server) => (server.address() as AddressInfo).port);
  } catch (cause) {
    throw new StartFailed(
      `there is no free port on ${host} (${cause instanceof Error ? cause.message : String(cause)}): end something that listens, then start again`,
      { cause },
    );
  } finally {
    await Promise.all(servers.map((server) => closed(server)));
  }
}

async function listenAnywhere(server: Server): Promise<void> {
  server.listen(0, host);
  await once(server, 'listening');
}

/** Rejects with the error of listening when the port is taken or forbidden. */
export async function tryPort(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  await closed(server);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
