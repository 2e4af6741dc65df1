import { Kysely, PostgresDialect } from 'kysely';
import { nameOf, firingOf, requestOf } from '../../../functions/alert-intake/request.ts';
import { kinds, type KindName } from '../../../shared/api/kinds.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { analysisName, processingName, workflowName } from '../../../shared/api/names.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { connectDatabase } from '../../../shared/audit/connect.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import { parseEnvironment, type Environment } from '../../../shared/environment.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import { createCluster, successOf } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { AlertMessage } from '../../../shared/queue/alert-message.ts';
import type { Queues } from '../../../shared/queue/ports.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../../shared/telemetry/metrics.ts';
import { callTimeoutMilliseconds } from '../../../shared/time-left.ts';
import { startWatcher } from '../../watcher/watcher.ts';
import { createMemoryQueues } from '../queue/memory-queues.ts';
import type { QueueReceiver } from '../queue/received.ts';
import { createRealClock } from '../real-clock.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import { administrator } from '../sandbox/sandbox.ts';
import { standardExtensions } from '../sandbox/standard-extensions.ts';
import { tokenIssuer } from '../sandbox/token.ts';
import { createClosers, type Closers } from '../stack/closers.ts';
import { runEventSource } from '../stack/event-source.ts';
import { loadQueueFunction } from '../stack/functions.ts';
import { createObject, installProduct } from '../stack/install.ts';
import { readServerlessFile } from '../stack/serverless-file.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { phaseIsTerminal, readOne } from '../story/observe.ts';
import { TookTooLong, waitUntil } from '../story/wait-until.ts';
import { createRehearsalTransport, type RehearsalTransport } from './rehearsal-transport.ts';

export interface RehearsalOptions {
  readonly root: string;
  /** The cluster as it is, as the user who wants to know. */
  readonly cluster: Transport;
  readonly systemNamespace: string;
  /** As the functions get it: providers, limits, windows. */
  readonly variables: Variables;
  readonly logger: Logger;
  readonly secondsMax: number;
  readonly signal: AbortSignal;
  /** Analysis providers beside the embedded rules, by name. */
  readonly providers?: Readonly<Record<string, unknown>>;
}

/** Everything that the functions wrote down; null where they did not come so far. */
export interface Rehearsal {
  readonly request: KubernetesObject;
  readonly processing: KubernetesObject | null;
  readonly analysis: KubernetesObject | null;
  readonly workflow: KubernetesObject | null;
  readonly transport: RehearsalTransport;
}

/** The functions that think. None that acts: no execution is made for a request that is a dry run. */
const thinkers = ['remediation-orchestrator', 'remediation-processing', 'ai-analysis', 'workflow-execution'];

/**
 * What the product would do about an alert: its own functions, with the cluster to read and a world in memory to write to. Nothing is left anywhere.
 * Throws TookTooLong, what kept a request from reaching the cluster, or the signal's reason.
 */
export async function rehearse(message: AlertMessage, options: RehearsalOptions): Promise<Rehearsal> {
  const closers = createClosers();
  try {
    return await begin(message, options, closers);
  } finally {
    await closers.close();
  }
}

async function begin(message: AlertMessage, options: RehearsalOptions, closers: Closers): Promise<Rehearsal> {
  const { root, cluster, systemNamespace, secondsMax, signal } = options;
  const clock = createRealClock();
  const memory = await memoryOf(options, clock, closers);
  const transport = createRehearsalTransport({ cluster, memory, systemNamespace });
  const retries = noteRetries(options.logger);
  await startThinking({ ...options, logger: retries.logger }, { root, clock, transport, closers });
  const name = nameOf(firingOf(message));
  await createObject(memory, requestFor(message, name, options));
  const find = (kind: KindName, called: string) => readOne(memory, { apiVersion: kinds[kind].apiVersion, kind }, { namespace: systemNamespace, name: called });
  const hasEnded = async () => {
    throwWhatStopsIt(transport, retries.last());
    const request = await find('RemediationRequest', name);
    return request !== null && phaseIsTerminal(request);
  };
  await waitUntil(hasEnded, { clock, signal, secondsMax, what: `the plan for ${name} was made` }).catch((error: unknown) => {
    const last = retries.last();
    throw error instanceof TookTooLong && last !== null ? new TookTooLong(`${error.message}: ${last}`, { cause: error }) : error;
  });
  const request = await find('RemediationRequest', name);
  if (request === null) throw new Error(`${name} vanished from memory`);
  const [processing, analysis, workflow] = await Promise.all([
    find('RemediationProcessing', processingName(name)),
    find('AIAnalysis', analysisName(name)),
    find('WorkflowExecution', workflowName(name)),
  ]);
  return { request, processing, analysis, workflow, transport };
}

/** A message that comes back says why; the functions would try again for minutes, which a person at a prompt does not wait for. */
function noteRetries(logger: Logger): { readonly logger: Logger; readonly last: () => string | null } {
  let last: string | null = null;
  const warn: Logger['warn'] = (text, fields) => {
    if (text === 'message retried') {
      const error = fields?.['error'];
      last = typeof error === 'string' ? error : text;
    }
    logger.warn(text, fields);
  };
  return { logger: { ...logger, warn }, last: () => last };
}

/** What will be no better the next time: the cluster cannot be reached, or the user may not ask what a function has to know. */
function throwWhatStopsIt(transport: RehearsalTransport, lastRetry: string | null): void {
  const trouble = transport.trouble();
  if (trouble !== null) throw trouble;
  const refusal = transport.lastRefusal();
  if (lastRetry === null || refusal === null) return;
  if (refusal.answer.status === 401 || refusal.answer.status === 403) successOf(refusal.request, refusal.answer);
}

/** As alert-intake would make it, but as a dry run: that ends after planning and validation. */
function requestFor(message: AlertMessage, name: string, { variables, systemNamespace }: RehearsalOptions): KubernetesObject {
  const request = requestOf(message, name, { namespace: systemNamespace, cluster: environmentOf(variables).KUBERNAUT_CLUSTER });
  return { ...request, spec: { ...(request['spec'] as object), dryRun: true } };
}

async function memoryOf({ root, systemNamespace }: RehearsalOptions, clock: TrackedClock, closers: Closers): Promise<Transport> {
  const sandbox = createSandbox({ clock, randomUuid: () => crypto.randomUUID(), extensions: standardExtensions(tokenIssuer(clock)) });
  closers.add(() => sandbox.close());
  const memory = sandbox.transport(administrator);
  await installProduct(memory, root, { clock });
  if (systemNamespace !== defaultNamespace) await createObject(memory, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } });
  return memory;
}

interface Stage {
  readonly root: string;
  readonly clock: TrackedClock;
  readonly transport: Transport;
  readonly closers: Closers;
}

/** Watcher, queues and the functions, each triggered as it is in the cloud. The audit is queued, and nobody takes it from there. */
async function startThinking(options: RehearsalOptions, { root, clock, transport, closers }: Stage): Promise<void> {
  const { systemNamespace, variables, logger } = options;
  const serverless = readServerlessFile(root);
  const queues = createMemoryQueues(clock, serverless.queues);
  const database = await databaseOf(environmentOf(variables));
  closers.add(() => database.destroy());
  const watcher = startWatcher({
    transport,
    queues,
    clock,
    cluster: environmentOf(variables).KUBERNAUT_CLUSTER,
    namespace: systemNamespace,
    random: Math.random,
    warn: (text, fields) => {
      logger.warn(text, fields);
    },
  });
  closers.add(() => watcher.stop());
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  closers.add(async () => {
    stopping.abort();
    await Promise.all(running);
  });
  for (const definition of serverless.functions) {
    const { name, source } = definition;
    if (source === null || !thinkers.includes(name)) continue;
    const ports = { ...portsOf(options, { clock, transport, queues }), database };
    const invoke = await loadQueueFunction(root, definition, { variables: variablesOf(variables, systemNamespace), ports });
    const failed = (error: unknown) => {
      logger.error('invocation failed', { function: name, error: String(error) });
    };
    running.push(runEventSource({ clock, receiver: queues, definition: { ...definition, source }, invoke, invoked: () => undefined, failed }, stopping.signal));
  }
}

const callMillisecondsMax = 8_000; // as in the cloud

interface Reach {
  readonly clock: TrackedClock;
  readonly transport: Transport;
  readonly queues: Queues & QueueReceiver;
}

function portsOf({ systemNamespace, logger, providers }: RehearsalOptions, { clock, transport, queues }: Reach) {
  const cluster = createCluster({ transport, namespace: systemNamespace, timeoutMilliseconds: () => callTimeoutMilliseconds(callMillisecondsMax) });
  return { cluster, queues, clock, logger, metrics: silentMetrics, random: Math.random, ...(providers !== undefined && { providers }) };
}

/** Nothing is sent to a queue of anybody, and no cluster but the given one is reached. */
function variablesOf(variables: Variables, systemNamespace: string): Variables {
  return { ...variables, KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/', KUBERNAUT_NAMESPACE: systemNamespace };
}

function environmentOf(variables: Variables): Environment {
  return parseEnvironment(variablesOf(variables, defaultNamespace), []);
}

/** Past outcomes are read where the environment says where they are. Without, the analysis says that it had none. */
async function databaseOf(environment: Environment): Promise<Kysely<Database>> {
  const { KUBERNAUT_DATABASE_URL_FILE: file, KUBERNAUT_DATABASE_URL_SECRET: secret, KUBERNAUT_DATABASE_URL_PARAMETER: parameter } = environment;
  if ([file, secret, parameter].some((given) => given !== undefined)) return connectDatabase(environment);
  const pool = { options: {}, connect: () => Promise.reject(new Error('no database was given')), end: () => Promise.resolve() };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
