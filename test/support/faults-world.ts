import { join } from 'node:path';
import { createClosers, opening } from '../../infra/local/stack/closers.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import { startLocalStack, type LocalStack } from '../../infra/local/stack/local-stack.ts';
import { seededRandom } from '../../infra/local/stack/random.ts';
import { startSqsServer } from '../../infra/local/stack/sqs-server.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';
import { listAll } from '../../infra/local/story/observe.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';
import { aNotification, aSickDeployment, benchNamespace, benchNamespaceObject } from '../bench/world.ts';
import type { Struck } from './faults.ts';
import { jobsAuditPolicy } from './job-creations.ts';
import { patientKubectl } from './patient-executor.ts';
import { aQueueProxy } from './queue-proxy.ts';
import { root } from './real-stack.ts';
import { aWatcherProcess } from './watcher-process.ts';
import { watcherTokens } from './watcher-tokens.ts';

/** The product on a real control plane, its watcher a process of its own, its queues behind a proxy, and sick Deployments to be remedied. */
export interface FaultsWorld extends Struck {
  readonly stack: LocalStack;
  /** Where the API server writes down who made which Job. */
  readonly jobsLogFile: string;
  /** What the stack warned of or called an error: how often, by its words. */
  readonly complaints: ReadonlyMap<string, number>;
  makeSick(names: readonly string[]): Promise<void>;
  /** As Alertmanager does: again until it is accepted. */
  alert(name: string): Promise<void>;
  eventually(what: string, secondsMax: number, holds: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

const nodeNames = ['node-a', 'node-b', 'node-c', 'node-d', 'node-e']; // of 110 pods each
const retryMilliseconds = 2_000;
const sickSecondsMax = 600; // on two idle cores a minute

export function aFaultsWorld(seed: number): Promise<FaultsWorld> {
  return opening(async (outer) => {
    const closers = createClosers();
    outer.add(() => closers.close());
    const { directory, remove } = await createWorkspace();
    closers.add(remove);
    const server = await startSqsServer(0);
    closers.add(() => server.close());
    const proxy = await aQueueProxy(server.endpoint);
    closers.add(() => proxy.close());
    const complaints = new Map<string, number>();
    const jobsLogFile = join(directory, 'jobs.log');
    const stack = await startLocalStack({
      root,
      cluster: 'real',
      tell: () => undefined,
      ports: { webhook: 0, api: 0, queue: 0 },
      queueEndpoint: proxy.endpoint,
      queuePrefix: 'kubernaut-faults-',
      keepsQueues: true,
      dataDirectory: null,
      environment: { ...process.env, KUBERNAUT_MONITORING_SECONDS: '0' },
      logger: counting(complaints),
      apiServer: { audit: { policy: jobsAuditPolicy, logFile: jobsLogFile } },
      nodes: { names: nodeNames, executor: patientKubectl },
      watches: false,
    });
    closers.add(() => stack.stop());
    const { admin, clock, controlPlane } = stack;
    if (controlPlane === null) throw new Error('a real cluster has a control plane');
    const watcher = await aWatcherProcess({
      directory,
      api: { url: stack.apiUrl, caPem: stack.caPem },
      queues: { endpoint: proxy.endpoint, urlPrefix: stack.queueUrlPrefix },
    });
    closers.add(() => watcher.close());
    const tokens = watcherTokens(admin);
    await watcher.giveToken(await tokens.fresh());
    await watcher.start();
    const never = new AbortController().signal;
    const eventually: FaultsWorld['eventually'] = (what, secondsMax, holds) => waitUntil(holds, { clock, what, secondsMax, signal: never });
    return {
      stack,
      controlPlane,
      proxy,
      watcher,
      tokens,
      random: seededRandom(seed),
      jobsLogFile,
      complaints,
      eventually,
      async makeSick(names) {
        await createObject(admin, benchNamespaceObject);
        for (const name of names) await createObject(admin, aSickDeployment(name));
        await eventually('every pod was killed for memory once', sickSecondsMax, async () => {
          const pods = await listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, benchNamespace);
          return pods.filter((pod) => JSON.stringify(pod).includes('"OOMKilled"')).length >= names.length;
        });
      },
      async alert(name) {
        const body = JSON.stringify(aNotification([name], clock.milliseconds()));
        const headers = { authorization: `Bearer ${stack.webhookToken}`, 'content-type': 'application/json' };
        const post = () => fetch(stack.webhookUrl, { method: 'POST', headers, body }).then(({ ok }) => ok);
        while (!(await post())) await clock.sleep(retryMilliseconds);
      },
      close: () => closers.close(),
    };
  });
}

function counting(complaints: Map<string, number>): Logger {
  const complain = (message: string, fields: object = {}) => {
    const { function: name, error, message: words } = fields as Readonly<Record<string, unknown>>;
    const told = [name, message, words ?? error].filter((part) => typeof part === 'string').join(': ');
    const kind = told.replaceAll(/[a-z0-9-]*\d[a-z0-9-]*/gi, '…').slice(0, 160);
    complaints.set(kind, (complaints.get(kind) ?? 0) + 1);
  };
  return { debug: () => undefined, info: () => undefined, warn: complain, error: complain };
}
