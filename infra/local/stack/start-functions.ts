import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import type { Clock } from '../../../shared/clock.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Queues } from '../../../shared/queue/ports.ts';
import { errorFields, type Logger } from '../../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../../shared/telemetry/metrics.ts';
import { callTimeoutMilliseconds } from '../../../shared/time-left.ts';
import type { QueueReceiver } from '../queue/received.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { counted, type Counts } from './counts.ts';
import { runEventSource, type InvocationReport } from './event-source.ts';
import { loadHttpFunction, loadQueueFunction, loadScheduledFunction, type FunctionPorts } from './functions.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import { runSchedule } from './schedule.ts';
import type { FunctionDefinition, ServerlessFile } from './serverless-file.ts';

export interface FunctionsOptions {
  readonly root: string;
  readonly serverless: ServerlessFile;
  readonly clock: TrackedClock;
  readonly queues: Queues & QueueReceiver;
  /** As the functions' own identity. */
  readonly transport: Transport;
  readonly database: Kysely<Database>;
  readonly variables: Variables;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly random: () => number;
  readonly namespace: string;
  readonly providers?: Readonly<Record<string, unknown>>;
  readonly aroundInvocation?: AroundInvocation;
  /** Given the admission-webhook once everything is loaded, and before anything runs. */
  readonly answerAdmission: (fetch: HttpFunction) => void;
  readonly admissionSegments?: () => Promise<readonly string[]>;
}

/** Stands around every invocation but the webhook's: a story may count them, or let one die. */
export type AroundInvocation = <Answer>(functionName: string, invoke: () => Promise<Answer>) => Promise<Answer>;

export interface RunningFunctions {
  /** The webhook that alerts are posted to, as a fetch function. */
  readonly webhook: HttpFunction;
  stop(): Promise<void>;
}

const callMillisecondsMax = 8_000; // as in the cloud

type HttpFunction = (request: Request) => Promise<Response>;
type Loop = (signal: AbortSignal) => Promise<void>;

/** Starts every function of serverless.yml the way it is triggered in the cloud: by its queue, by its schedule, by HTTP. None runs before all are loaded. */
export async function startFunctions(options: FunctionsOptions): Promise<RunningFunctions> {
  const loops: Loop[] = [];
  const http = new Map<string, HttpFunction>();
  for (const definition of options.serverless.functions) {
    const given = { variables: options.variables, ports: portsOf(options, definition) };
    if (definition.isHttp) http.set(definition.name, await loadWebhook(options, definition, given));
    else loops.push(await loopOf(options, definition, given));
  }
  const webhook = httpFunction(http, 'alert-webhook', 'receive an alert');
  options.answerAdmission(httpFunction(http, 'admission-webhook', 'be asked by the API server'));
  const stopping = new AbortController();
  const running = loops.map((run) => run(stopping.signal));
  return {
    webhook,
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

function httpFunction(loaded: ReadonlyMap<string, HttpFunction>, name: string, what: string): HttpFunction {
  const found = loaded.get(name);
  if (found === undefined) throw new Error(`serverless.yml: ${name} has no url: true, so nothing can ${what}`);
  return found;
}

async function loadWebhook({ root, counts }: FunctionsOptions, definition: FunctionDefinition, given: Given): Promise<HttpFunction> {
  const answer = await loadHttpFunction(root, definition, given);
  const counter = counts.of(definition.name);
  return (request) => {
    counter.invocations += 1;
    return answer(request);
  };
}

interface Given {
  readonly variables: Variables;
  readonly ports: FunctionPorts;
}

/** Loads the function; what it answers runs it as often as it is triggered, until the signal aborts. */
async function loopOf(options: FunctionsOptions, definition: FunctionDefinition, given: Given): Promise<Loop> {
  const { root, clock, queues, counts, logger } = options;
  const { name, source, everySeconds } = definition;
  const around: AroundInvocation = options.aroundInvocation ?? ((_name, invoke) => invoke());
  const counter = counts.of(name);
  const failed = (error: unknown) => {
    logger.error('invocation failed', { function: name, ...errorFields(error) });
  };
  if (source !== null) {
    const handle = await loadQueueFunction(root, definition, given);
    const invoke: typeof handle = (event, context) => around(name, () => handle(event, context));
    const invoked = ({ records, failures }: InvocationReport) => {
      counter.invocations += 1;
      counter.records += records;
      counter.failures += failures;
    };
    return (signal) => runEventSource({ clock, receiver: queues, definition: { ...definition, source }, invoke, invoked, failed }, signal);
  }
  if (everySeconds === null) throw new Error(`serverless.yml: ${name} has no event and no url`);
  const run = await loadScheduledFunction(root, definition, given);
  const invoke = () => {
    counter.invocations += 1;
    return around(name, run);
  };
  return (signal) => runSchedule({ clock, everySeconds, invoke, failed }, signal);
}

function portsOf(options: FunctionsOptions, { name, isHttp }: FunctionDefinition): FunctionPorts {
  const { queues, database, counts, random, namespace, transport, providers, admissionSegments } = options;
  const clock = isHttp ? withWatchdogs(options.clock) : options.clock;
  const cluster = createCluster({
    transport: counted(transport, counts.of(name)),
    namespace,
    timeoutMilliseconds: () => callTimeoutMilliseconds(callMillisecondsMax),
  });
  const logger = namedLogger(options.logger, name);
  return {
    cluster,
    queues,
    clock,
    logger,
    metrics: silentMetrics,
    random,
    database,
    ...(providers !== undefined && { providers }),
    ...(admissionSegments !== undefined && { segments: admissionSegments }),
  };
}

/**
 * A function that answers over HTTP sleeps beside its work, to be woken when it takes too long. To a virtual clock that is no sleep of the
 * work: while the work waits for the machine, it is in flight, and time may not jump past its deadline.
 */
function withWatchdogs(clock: TrackedClock): Clock {
  const apart = AsyncLocalStorage.snapshot();
  return { now: () => clock.now(), milliseconds: () => clock.milliseconds(), sleep: (milliseconds, signal) => apart(() => clock.sleep(milliseconds, signal)) };
}

/** In the cloud each function has a log of its own; here a line says whose it is. */
function namedLogger(logger: Logger, name: string): Logger {
  return {
    debug: (message, fields) => logger.debug(message, { function: name, ...fields }),
    info: (message, fields) => logger.info(message, { function: name, ...fields }),
    warn: (message, fields) => logger.warn(message, { function: name, ...fields }),
    error: (message, fields) => logger.error(message, { function: name, ...fields }),
  };
}
