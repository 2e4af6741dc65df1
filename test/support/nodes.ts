import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { startControllers } from '../../infra/local/controllers/start-controllers.ts';
import { createApiClient, type ApiClient, type Kind } from '../../infra/local/controllers/api-client.ts';
import type { Running } from '../../infra/local/controllers/controller.ts';
import type { Executor } from '../../infra/local/node/executor.ts';
import { startNode } from '../../infra/local/node/start-node.ts';
import { aWorld, type World } from './sandbox.ts';

/** A sandbox whose control loops and node run. */
export interface LivingWorld extends World {
  readonly client: ApiClient;
  /** Lets time pass until `holds`. */
  until(holds: () => Promise<boolean>, virtualSeconds?: number): Promise<void>;
  get(kind: Kind, name: string): Promise<KubernetesObject | null>;
  /** Throws when trouble was reported that `expected` does not match. */
  stop(expected?: RegExp): Promise<void>;
}

export interface LivingOptions {
  readonly executor?: (world: World) => Executor;
  readonly nodeNames?: readonly string[];
}

/** `random` counts, so that two worlds are the same. */
export async function aLivingWorld({ executor = () => noExecutor, nodeNames = ['sandbox-node'] }: LivingOptions = {}): Promise<LivingWorld> {
  const world = aWorld();
  const { clock, transport, sandbox } = world;
  const client = createApiClient(transport, 'test');
  const trouble: string[] = [];
  const ports = { transport, clock, random: countingRandom(), report: (message: string) => void trouble.push(message) };
  await client.create(aNamespace('production'));
  const running: readonly Running[] = [startControllers(ports), await startNode({ ...ports, executor: executor(world), nodeNames, logs: sandbox })];
  return {
    ...world,
    client,
    until: (holds, virtualSeconds = 600) => clock.run(holds, { virtualSeconds }),
    get: (kind, name) => client.get({ ...kind, name, namespace: 'production' }),
    async stop(expected = /^$/) {
      await Promise.all(running.map((part) => part.stop()));
      sandbox.close();
      const unexpected = trouble.filter((message) => !expected.test(message));
      if (unexpected.length > 0) throw new Error(`the control loops or the node reported trouble: ${unexpected.join('; ')}`);
    },
  };
}

const noExecutor: Executor = {
  description: 'none',
  run: async () => ({ exitCode: 127, message: 'no executor in this test' }),
  close: async () => undefined,
};

function countingRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export function aNamespace(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export interface DeploymentFixture {
  readonly name?: string;
  readonly replicas?: number;
  readonly image?: string;
  /** Scenario of its pods: `{ 'ready-after-seconds': '5' }`. */
  readonly scenario?: Readonly<Record<string, string>>;
  readonly spec?: JsonObject;
  readonly container?: JsonObject;
}

export function aDeployment({
  name = 'payment-api',
  replicas = 3,
  image = 'shop/payment-api:1.4.2',
  scenario = {},
  spec = {},
  container = {},
}: DeploymentFixture = {}): KubernetesObject {
  const annotations = Object.fromEntries(Object.entries(scenario).map(([key, value]) => [`sandbox.kubernaut.io/${key}`, value]));
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'production' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [{ name: 'app', image, ...container }] } },
      ...spec,
    },
  };
}

export interface JobFixture {
  readonly name?: string;
  readonly spec?: JsonObject;
  readonly scenario?: Readonly<Record<string, string>>;
  readonly pod?: JsonObject;
}

export function aJob({ name = 'backup', spec = {}, scenario = {}, pod = {} }: JobFixture = {}): KubernetesObject {
  const annotations = Object.fromEntries(Object.entries(scenario).map(([key, value]) => [`sandbox.kubernaut.io/${key}`, value]));
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'production' },
    spec: {
      backoffLimit: 0,
      template: { metadata: { annotations }, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'shop/backup:2' }], ...pod } },
      ...spec,
    },
  };
}
