import { join } from 'node:path';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import type { NodeSettings } from '../../infra/local/stack/cluster-options.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import { startLocalStack, type LocalStack } from '../../infra/local/stack/local-stack.ts';
import { listAll } from '../../infra/local/story/observe.ts';
import { postNotifications } from '../../infra/local/story/play.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';
import { recordRoundTrips, type RoundTrips } from './round-trips.ts';
import { aSickDeployment, benchNamespace, benchNamespaceObject } from './world.ts';

export const root = join(import.meta.dirname, '../..');

export interface Observed {
  readonly stack: LocalStack;
  readonly trips: RoundTrips;
}

export interface BenchStackOptions {
  readonly cluster: ClusterChoice;
  readonly monitoringSeconds: number;
  readonly logger: Logger;
  readonly nodes?: NodeSettings;
  readonly variables?: Readonly<Record<string, string>>;
}

const never = new AbortController().signal;
const settleSeconds = 300; // 500 pods, one after another on the sandbox's node
const placedAtOnce = 16; // the sockets of the administrator's connection

/** A whole product for one measurement, ended afterwards whatever happens. */
export async function withBenchStack<Result>(options: BenchStackOptions, measure: (observed: Observed) => Promise<Result>): Promise<Result> {
  const { cluster, monitoringSeconds, logger, nodes, variables = {} } = options;
  const trips = recordRoundTrips();
  const stack = await startLocalStack({
    root,
    cluster,
    tell: () => undefined,
    ports: { webhook: 0, api: 0, queue: 0 },
    queueEndpoint: null,
    queuePrefix: 'kubernaut-bench-',
    keepsQueues: false,
    dataDirectory: null,
    environment: { ...process.env, KUBERNAUT_MONITORING_SECONDS: String(monitoringSeconds), KUBERNAUT_LOG_LEVEL: 'silent', ...variables },
    logger,
    ...(nodes !== undefined && { nodes }),
    aroundFunctions: (transport) => trips.around(transport),
  });
  try {
    await createObject(stack.admin, benchNamespaceObject);
    return await measure({ stack, trips });
  } finally {
    await stack.stop();
  }
}

/** Deployments whose pods have been killed for memory. */
export async function makeSick({ admin, clock }: LocalStack, names: readonly string[]): Promise<void> {
  for (let first = 0; first < names.length; first += placedAtOnce) {
    await Promise.all(names.slice(first, first + placedAtOnce).map((name) => createObject(admin, aSickDeployment(name))));
  }
  const wasKilled = (pod: object) => JSON.stringify(pod).includes('"OOMKilled"');
  const allWere = async () => (await listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, benchNamespace)).filter(wasKilled).length >= names.length;
  await waitUntil(allWere, { clock, what: `${names.length} pods were killed for memory`, secondsMax: settleSeconds, signal: never });
}

export async function post({ webhookUrl, webhookToken }: LocalStack, notification: JsonObject): Promise<void> {
  await postNotifications((request) => fetch(request), [notification], { url: webhookUrl, token: webhookToken });
}
