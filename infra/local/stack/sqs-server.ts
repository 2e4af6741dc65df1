import { once } from 'node:events';
import { buildApp } from 'fauxqs';
import { localRegion } from '../queue/received.ts';
import { listening } from './start-failed.ts';

export interface SqsServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

const host = '127.0.0.1'; // fauxqs' own start listens on every address, whatever it is told

/** An SQS in this process, on loopback only and in memory. 0: any port that is free. */
export async function startSqsServer(port: number): Promise<SqsServer> {
  const app = buildApp({ logger: false, defaultRegion: localRegion });
  const endpoint = await listening({ what: 'the queue server', option: '--queue-port', port }, () => app.listen({ port, host }));
  return {
    endpoint,
    async close() {
      const closed = once(app.server, 'close');
      await Promise.all([app.close(), closed]);
    },
  };
}
