import { mkdir } from 'node:fs/promises';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { sqsQueues } from '../../../shared/queue/sqs.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';
import { cacheDirectoryOf } from '../cache-directory.ts';
import type { ApiServerSettings, ControlPlane } from '../control-plane/start-control-plane.ts';
import { createRealClock } from '../real-clock.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { accountTransport } from './account-transport.ts';
import { serveAdmission } from './admission-server.ts';
import { opening, type Closers } from './closers.ts';
import type { ClusterChoice } from './cluster-choice.ts';
import type { NodeSettings } from './cluster-options.ts';
import { embeddedDatabase } from './database.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import type { ServedCluster } from './local-cluster.ts';
import { startRealCluster } from './real-cluster.ts';
import { serveSandbox } from './sandbox-cluster.ts';
import { readServerlessFile, type ServerlessFile } from './serverless-file.ts';
import { createSqsClient, sqsRegion } from './sqs-client.ts';
import { createSqsQueues } from './sqs-queues.ts';
import { sqsReceiver } from './sqs-receiver.ts';
import { startSqsServer } from './sqs-server.ts';
import { startStack, type Stack } from './stack.ts';
import { StartFailed } from './start-failed.ts';
import { serveWebhook } from './webhook-server.ts';
import { createWorkspace, randomToken, type Workspace } from './workspace.ts';

/** 0: any port that is free. */
export interface Ports {
  readonly webhook: number;
  readonly api: number;
  readonly queue: number;
  /** Of the admission webhook, which nobody but the API server calls; absent: 0. */
  readonly admission?: number;
}

export interface LocalStackOptions {
  readonly root: string;
  readonly cluster: ClusterChoice;
  /** Told what a start takes and what takes long: a real control plane may have to be built first. */
  readonly tell: (line: string) => void;
  readonly ports: Ports;
  /** An SQS that is there already; null: one in this process. */
  readonly queueEndpoint: string | null;
  readonly queuePrefix: string;
  /** Whether the queues go when the stack stops; those of the embedded server always do. */
  readonly keepsQueues: boolean;
  /** Where the audit database lives; null: in memory. */
  readonly dataDirectory: string | null;
  /** The process's: KUBECTL, PATH, the AWS variables, and what KUBERNAUT_ variables say to the functions. */
  readonly environment: Variables;
  readonly logger: Logger;
  /** Aborted: what was begun is closed again, and its reason is thrown. */
  readonly signal?: AbortSignal;
  readonly providers?: Readonly<Record<string, unknown>>;
  /** Of a real cluster. */
  readonly apiServer?: ApiServerSettings;
  readonly nodes?: NodeSettings;
  /** Stands between the functions and the cluster: a bench measures there. */
  readonly aroundFunctions?: (transport: Transport) => Transport;
  /** False: somebody else runs the watcher, as a process of its own. */
  readonly watches?: boolean;
}

export interface LocalStack extends Stack {
  readonly webhookUrl: string;
  readonly webhookToken: string;
  /** Which one it is: `sandbox`, `kube-apiserver 1.36.3`. */
  readonly cluster: string;
  readonly apiUrl: string;
  /** What signed the API's certificate. */
  readonly caPem: string;
  /** Of a real cluster; null: there are no processes to end. */
  readonly controlPlane: ControlPlane | null;
  /** An administrator's, for people. */
  readonly kubeconfig: string;
  /** Path of a new one of somebody else, whom nothing is permitted yet. */
  readonly kubeconfigOf: ServedCluster['kubeconfigOf'];
  readonly queueEndpoint: string;
  readonly queueUrlPrefix: string;
  readonly region: string;
  /** Private, and gone when the stack has stopped. */
  readonly directory: string;
}

/** The whole product on this machine in real time, everything on loopback: the API over HTTPS, SQS over HTTP, the webhook, PostgreSQL, the functions. Throws StartFailed. */
export function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  return opening((closers) => start(options, closers));
}

async function start(options: LocalStackOptions, closers: Closers): Promise<LocalStack> {
  const { root, ports, environment, logger, signal } = options;
  const clock = createRealClock();
  const workspace = await createWorkspace();
  closers.add(() => workspace.remove());
  const serverless = readServerlessFile(root);
  // What listens comes first: a port in use is told before anything that takes long.
  const webhook = await serveWebhook(ports.webhook);
  closers.add(() => webhook.close());
  const admissionPath = randomToken();
  // Closed after the API server, which would else refuse what is written while everything stops.
  const admission = await serveAdmission(ports.admission ?? 0, admissionPath, clock.milliseconds());
  closers.add(() => admission.close());
  const queue = await openQueues(options, serverless, closers);
  const cluster = await openCluster(options, { clock, workspace }, closers);
  await cluster.install(root, admission.endpoint);
  signal?.throwIfAborted();
  const database = await openDatabase(options.dataDirectory);
  closers.add(() => database.destroy());
  signal?.throwIfAborted();
  const transports = { admin: cluster.admin, server: cluster, workspace };
  const functionsTransport = await accountTransport('kubernaut-functions', transports);
  const webhookToken = randomToken();
  signal?.throwIfAborted();
  const stack = await startStack({
    root,
    serverless,
    clock,
    cluster,
    queues: { ...sqsQueues(queue), ...sqsReceiver(queue) },
    database,
    functionsTransport: options.aroundFunctions?.(functionsTransport) ?? functionsTransport,
    watcherTransport: options.watches === false ? null : await accountTransport('kubernaut-watcher', transports),
    variables: {
      ...settingsOf(environment),
      KUBERNAUT_QUEUE_URL_PREFIX: queue.urlPrefix,
      KUBERNAUT_WEBHOOK_TOKENS_FILE: await workspace.write('webhook-tokens', webhookToken),
      KUBERNAUT_ADMISSION_PATH_FILE: await workspace.write('admission-path', admissionPath),
    },
    answerAdmission: (fetch) => admission.answerWith(fetch),
    logger,
    random: Math.random,
    ...(options.providers !== undefined && { providers: options.providers }),
  });
  closers.add(() => stack.stop());
  webhook.answerWith(stack.webhook);
  signal?.throwIfAborted();
  return {
    ...stack,
    webhookUrl: webhook.url,
    webhookToken,
    cluster: cluster.description,
    apiUrl: cluster.url,
    caPem: cluster.caPem,
    controlPlane: cluster.controlPlane,
    kubeconfig: cluster.kubeconfig,
    kubeconfigOf: (person) => cluster.kubeconfigOf(person),
    queueEndpoint: queue.endpoint,
    queueUrlPrefix: queue.urlPrefix,
    region: queue.region,
    directory: workspace.directory,
    stop: () => closers.close(),
  };
}

async function openCluster(
  { cluster, ports, environment, logger, tell, apiServer, nodes, signal = new AbortController().signal }: LocalStackOptions,
  { clock, workspace }: { readonly clock: TrackedClock; readonly workspace: Workspace },
  closers: Closers,
): Promise<ServedCluster> {
  const cacheDirectory = cacheDirectoryOf(environment);
  const options = { clock, apiPort: ports.api, workspace, environment, cacheDirectory, nodes };
  switch (cluster) {
    case 'sandbox':
      return serveSandbox(options, closers);
    case 'real':
      return startRealCluster({ ...options, ...apiServer, signal, tell, failed: (how) => logger.error('control plane', { message: how }) }, closers);
  }
}

async function openQueues({ queueEndpoint, queuePrefix, keepsQueues, ports, environment }: LocalStackOptions, { queues }: ServerlessFile, closers: Closers) {
  let endpoint = queueEndpoint;
  if (endpoint === null) {
    const server = await startSqsServer(ports.queue);
    closers.add(() => server.close());
    endpoint = server.endpoint;
  }
  // The embedded server takes anybody: credentials of the person who started it have no business there.
  const variables = queueEndpoint === null ? {} : environment;
  const client = createSqsClient(endpoint, variables);
  closers.add(() => {
    client.destroy();
  });
  const created = await createSqsQueues(client, queuePrefix, queues);
  if (queueEndpoint !== null && !keepsQueues) closers.add(() => created.remove());
  return { client, endpoint, region: sqsRegion(variables), urlPrefix: created.urlPrefix };
}

async function openDatabase(directory: string | null) {
  if (directory === null) return embeddedDatabase();
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await embeddedDatabase(directory);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartFailed(`the audit database in ${directory} cannot be opened (${why}): give another directory with --data`, { cause });
  }
}

/** What people set for the functions; where secrets lie is the stack's own affair. */
function settingsOf(environment: Variables): Variables {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('KUBERNAUT_') && !/_(SECRET|PARAMETER|FILE)$|^KUBERNAUT_EKS_/.test(name)),
  );
}
