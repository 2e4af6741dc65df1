import { homedir } from 'node:os';
import { join } from 'node:path';
import { createRealClock } from '../../infra/local/real-clock.ts';
import type { ControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import { createClosers, opening } from '../../infra/local/stack/closers.ts';
import { startRealCluster } from '../../infra/local/stack/real-cluster.ts';
import { readServerlessFile } from '../../infra/local/stack/serverless-file.ts';
import { createSqsClient } from '../../infra/local/stack/sqs-client.ts';
import { createSqsQueues } from '../../infra/local/stack/sqs-queues.ts';
import { sqsReceiver } from '../../infra/local/stack/sqs-receiver.ts';
import { startSqsServer } from '../../infra/local/stack/sqs-server.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import { localRegion } from '../../infra/local/queue/received.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import type { JsonValue } from '../../shared/api/json.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { QueueName } from '../../shared/queue/ports.ts';
import { aQueueProxy, type QueueProxy } from './queue-proxy.ts';
import { root } from './real-stack.ts';
import { aRequest } from './requests.ts';
import { aWatcherProcess, type WatcherProcess } from './watcher-process.ts';
import { watcherTokens, type WatcherTokens } from './watcher-tokens.ts';

/** A real control plane with the product's definitions, queues behind a proxy, and the watcher as a process between them: no function runs. */
export interface WatcherWorld {
  readonly controlPlane: ControlPlane;
  readonly proxy: QueueProxy;
  readonly watcher: WatcherProcess;
  readonly tokens: WatcherTokens;
  make(name: string): Promise<void>;
  /** Takes what there is off the queue; the names of the keys, in the order of their coming. */
  taken(queue: QueueName): Promise<readonly string[]>;
  eventually(what: string, holds: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

const callMilliseconds = 20_000;
const patienceSeconds = 90; // the watcher's longest pause is 45 s, on a machine that may be busy
const requests: KindName = 'RemediationRequest';

export function aWatcherWorld(): Promise<WatcherWorld> {
  return opening(async (outer) => {
    const closers = createClosers();
    outer.add(() => closers.close());
    const clock = createRealClock();
    const workspace = await createWorkspace();
    closers.add(() => workspace.remove());
    const { directory } = workspace;
    const { signal } = new AbortController();
    const cacheDirectory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubernaut');
    const quiet = { tell: () => undefined, failed: () => undefined };
    const cluster = await startRealCluster({ clock, apiPort: 0, workspace, environment: process.env, cacheDirectory, signal, ...quiet }, closers);
    await cluster.install(root, null); // no functions are here to be asked, or to be known by
    const server = await startSqsServer(0);
    closers.add(() => server.close());
    const client = createSqsClient(server.endpoint, {});
    closers.add(() => client.destroy());
    const { urlPrefix } = await createSqsQueues(client, 'w-', readServerlessFile(root).queues);
    const receiver = sqsReceiver({ client, urlPrefix, region: localRegion });
    const proxy = await aQueueProxy(server.endpoint);
    closers.add(() => proxy.close());
    const watcher = await aWatcherProcess({ directory, api: cluster, queues: { endpoint: proxy.endpoint, urlPrefix } });
    closers.add(() => watcher.close());
    return {
      controlPlane: cluster.controlPlane,
      proxy,
      watcher,
      tokens: watcherTokens(cluster.admin),
      make: (name) => makeRequest(cluster.admin, name),
      eventually: (what, holds) => waitUntil(holds, { clock, what, secondsMax: patienceSeconds, signal }),
      async taken(queue) {
        const names: string[] = [];
        for (;;) {
          const records = await receiver.receive(queue, 10, signal, 0);
          if (records.length === 0) return names;
          await receiver.acknowledge(queue, records);
          names.push(...records.map(({ body }) => stringAt(JSON.parse(body), 'name') ?? ''));
        }
      },
      close: () => closers.close(),
    };
  });
}

async function makeRequest(admin: Transport, name: string): Promise<void> {
  const { apiVersion, kind, spec } = aRequest();
  const path = `/apis/${kinds[requests].apiVersion}/namespaces/kubernaut-system/remediationrequests`;
  const request = { method: 'POST', path, body: { apiVersion, kind, metadata: { name }, spec } as unknown as JsonValue } as const;
  successOf(request, await admin.send(request, callMilliseconds));
}
