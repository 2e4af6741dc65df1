import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CreateQueueCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { createAuthority } from '../../../infra/local/certificates/authority.ts';
import { createSqsClient } from '../../../infra/local/stack/sqs-client.ts';
import { counted } from '../../../shared/api/text.ts';
import { compareFronts } from '../fronts/compare.ts';
import { startFrontServer, type FrontServer } from '../fronts/front-server.ts';
import { machineLine } from '../machine.ts';
import { aNotificationOf } from './notifications.ts';
import type { ServerData } from './server.ts';

const ratioMin = 0.7; // of a server that trusts every byte; what is lost is checking, bounding and naming what is wrong
const token = 'a-token-of-enough-length';
const prefix = 'kubernaut-bench-';
const callMillisecondsMax = 5_000;
const startMillisecondsMax = 30_000;
const connectionCounts = [1, 50];
/** A wave of fifty notifications of 200 alerts is a thousand batches: fewer rounds, and longer ones. */
const bodies = [
  { alerts: 1, warmingCount: 1_500, rounds: 25, roundMilliseconds: 200 },
  { alerts: 20, warmingCount: 300, rounds: 15, roundMilliseconds: 400 },
  { alerts: 200, warmingCount: 100, rounds: 9, roundMilliseconds: 1_000 },
];

/** Notifications a second over loopback TLS beside a bare Hono server that sends to the same queue, in turns. False: below the ratio. */
export async function measureWebhook(print: (line: string) => void): Promise<boolean> {
  print(machineLine('no cluster'));
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-bench-'));
  const queueServer = new Worker(new URL('./queue-server.ts', import.meta.url));
  const servers: FrontServer[] = [];
  try {
    const [queueEndpoint] = (await once(queueServer, 'message', { signal: AbortSignal.timeout(startMillisecondsMax) })) as [string];
    const queue = await createQueue(queueEndpoint);
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, token, { mode: 0o600 });
    const authority = await createAuthority('kubernaut-bench', Date.now());
    const certificate = await authority.issue({ commonName: '127.0.0.1', usages: ['server'] });
    const start = async (kind: ServerData['kind']) => {
      const data: ServerData = { kind, ...certificate, queueEndpoint, urlPrefix: queue.urlPrefix, token, tokenFile };
      const server = await startFrontServer(kind, new URL('./server.ts', import.meta.url), data);
      servers.push(server);
      return server;
    };
    const fronts = { bare: await start('bare'), ours: await start('webhook') };
    for (const line of comparison) print(line);
    const ratios: number[] = [];
    for (const { alerts, ...measure } of bodies)
      for (const connections of connectionCounts) {
        const posts = [{ path: '/alerts', headers: { authorization: `Bearer ${token}` }, body: aNotificationOf(alerts) }];
        const load = { ...measure, what: counted(alerts, 'alert'), posts, connections, ca: authority.caPem, tidy: queue.purge };
        ratios.push(await compareFronts(fronts, load, print));
      }
    print(`each ratio is to be at least ${ratioMin}`);
    return ratios.every((ratio) => ratio >= ratioMin);
  } finally {
    await Promise.all([queueServer, ...servers.map(({ worker }) => worker)].map((worker) => worker.terminate()));
    await rm(directory, { recursive: true, force: true });
  }
}

const comparison = [
  'notifications of Alertmanager to two servers behind the same TLS and keep-alive, both sending to the queue server of the local stack;',
  'bare: Hono, compares the token, JSON.parse, a message an alert in as many SendMessageBatch calls, four at once; it trusts every byte and logs nothing;',
  'webhook: the deployed function, every check and bound, log level silent;',
  'rounds in turns, each server, the queue server and the client in threads of their own:',
];

interface BenchQueue {
  readonly urlPrefix: string;
  /** Between rounds, so that what was sent does not pile up in memory. */
  readonly purge: () => Promise<void>;
}

async function createQueue(endpoint: string): Promise<BenchQueue> {
  const client = createSqsClient(endpoint, {});
  const timely = () => ({ abortSignal: AbortSignal.timeout(callMillisecondsMax) });
  const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: `${prefix}alerts` }), timely());
  return {
    urlPrefix: url.slice(0, -'alerts'.length),
    purge: async () => {
      await client.send(new PurgeQueueCommand({ QueueUrl: url }), timely());
    },
  };
}
