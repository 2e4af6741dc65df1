import type { Kysely } from 'kysely';
import { defaultCluster, defaultNamespace } from '../../../shared/api/labels.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Queues } from '../../../shared/queue/ports.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';
import { startWatcher, type Watcher } from '../../watcher/watcher.ts';
import { startControllers } from '../controllers/start-controllers.ts';
import type { Executor } from '../node/executor.ts';
import { startNode } from '../node/start-node.ts';
import type { QueueReceiver } from '../queue/received.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { administrator } from '../sandbox/sandbox.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { createCounts, type Counts } from './counts.ts';
import type { Variables } from './functions.ts';
import { installProduct } from './install.ts';
import type { ServerlessFile } from './serverless-file.ts';
import { startFunctions } from './start-functions.ts';

/** The parts that differ between a story and a stack that people look at. */
export interface StackParts {
  readonly root: string;
  readonly serverless: ServerlessFile;
  readonly clock: TrackedClock;
  readonly sandbox: Sandbox;
  readonly queues: Queues & QueueReceiver;
  readonly database: Kysely<Database>;
  readonly executor: Executor;
  readonly functionsTransport: Transport;
  readonly watcherTransport: Transport;
  readonly variables: Variables;
  readonly logger: Logger;
  /** 0 to below 1; seeded in stories. */
  readonly random: () => number;
  readonly providers?: Readonly<Record<string, unknown>>;
}

export interface Stack {
  readonly clock: TrackedClock;
  /** As an administrator. */
  readonly admin: Transport;
  readonly queues: Queues & QueueReceiver;
  readonly database: Kysely<Database>;
  readonly counts: Counts;
  readonly watcher: Watcher;
  readonly webhook: (request: Request) => Promise<Response>;
  /** Which way executor pods are run. */
  readonly executor: string;
  /** Ends everything that this started, in the order in which nothing is left waiting. */
  stop(): Promise<void>;
}

/** Installs the product into the sandbox and starts everything around it: controllers, a node, the watcher, the functions. */
export async function startStack(parts: StackParts): Promise<Stack> {
  const { root, serverless, clock, sandbox, queues, database, executor, logger, random, variables } = parts;
  const admin = sandbox.transport(administrator);
  const report = (message: string) => {
    logger.warn('sandbox', { message });
  };
  await installProduct(admin, root);
  const controllers = startControllers({ transport: admin, clock, random, report });
  const node = await startNode({ transport: admin, clock, random, logs: sandbox, executor, report });
  const watcher = startWatcher({
    transport: parts.watcherTransport,
    queues,
    clock,
    cluster: defaultCluster,
    namespace: defaultNamespace,
    random,
    warn: (message, fields) => {
      logger.warn(message, fields);
    },
    track: (work) => clock.track(work),
  });
  const counts = createCounts();
  const functions = await startFunctions({
    root,
    serverless,
    clock,
    queues,
    transport: parts.functionsTransport,
    database,
    variables,
    logger,
    counts,
    random,
    namespace: defaultNamespace,
    ...(parts.providers !== undefined && { providers: parts.providers }),
  });
  return {
    clock,
    admin,
    queues,
    database,
    counts,
    watcher,
    webhook: functions.webhook,
    executor: node.executor,
    async stop() {
      await watcher.stop();
      await functions.stop();
      await Promise.all([controllers.stop(), node.stop()]);
      sandbox.close();
      await database.destroy();
    },
  };
}
