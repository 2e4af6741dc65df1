import type { Kysely } from 'kysely';
import { defaultCluster, defaultNamespace } from '../../../shared/api/labels.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Queues } from '../../../shared/queue/ports.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';
import { startWatcher, type Watcher } from '../../watcher/watcher.ts';
import type { QueueReceiver } from '../queue/received.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { opening, type Closers } from './closers.ts';
import { createCounts, type Counts } from './counts.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import type { LocalCluster } from './local-cluster.ts';
import type { ServerlessFile } from './serverless-file.ts';
import { startFunctions, type AroundInvocation } from './start-functions.ts';

/** The parts that differ between a story and a stack that people look at. */
export interface StackParts {
  readonly root: string;
  readonly serverless: ServerlessFile;
  readonly clock: TrackedClock;
  readonly cluster: LocalCluster;
  readonly queues: Queues & QueueReceiver;
  readonly database: Kysely<Database>;
  readonly functionsTransport: Transport;
  /** Null: the watcher is a process of its own. */
  readonly watcherTransport: Transport | null;
  readonly variables: Variables;
  readonly logger: Logger;
  /** 0 to below 1; seeded in stories. */
  readonly random: () => number;
  readonly providers?: Readonly<Record<string, unknown>>;
  /** The database is somebody else's to end: stories that follow one another may share it. */
  readonly keepsDatabase?: boolean;
  readonly aroundInvocation?: AroundInvocation;
  /** Given the admission-webhook before any function runs: the API server asks it about what they write. */
  readonly answerAdmission: (fetch: (request: Request) => Promise<Response>) => void;
  /** What the admission-webhook takes for its path, in the place of the file that its variable names. */
  readonly admissionSegments?: () => Promise<readonly string[]>;
}

export interface Stack {
  readonly clock: TrackedClock;
  /** As an administrator. */
  readonly admin: Transport;
  readonly queues: Queues & QueueReceiver;
  readonly database: Kysely<Database>;
  readonly counts: Counts;
  readonly watcher: Watcher | null;
  readonly webhook: (request: Request) => Promise<Response>;
  /** Which way executor pods are run. */
  readonly executor: string;
  /** Ends everything, last started first, so that nothing is left waiting. */
  stop(): Promise<void>;
}

/** Starts everything around a cluster that holds the product: its node, the watcher, the functions. Its `stop` closes cluster and database too. */
export function startStack(parts: StackParts): Promise<Stack> {
  return opening(async (closers) => startParts(parts, closers));
}

async function startParts(parts: StackParts, closers: Closers): Promise<Stack> {
  const { root, serverless, clock, cluster, queues, database, logger, random, variables } = parts;
  if (parts.keepsDatabase !== true) closers.add(() => database.destroy());
  closers.add(() => cluster.close());
  const { admin } = cluster;
  const report = (message: string) => {
    logger.warn('cluster', { message });
  };
  const life = await cluster.start({ clock, random, report });
  closers.add(() => life.stop());
  const watcher = parts.watcherTransport === null ? null : watcherOf(parts, parts.watcherTransport);
  if (watcher !== null) closers.add(() => watcher.stop());
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
    answerAdmission: parts.answerAdmission,
    ...(parts.admissionSegments !== undefined && { admissionSegments: parts.admissionSegments }),
    ...(parts.providers !== undefined && { providers: parts.providers }),
    ...(parts.aroundInvocation !== undefined && { aroundInvocation: parts.aroundInvocation }),
  });
  closers.add(() => functions.stop());
  return { clock, admin, queues, database, counts, watcher, webhook: functions.webhook, executor: life.executor, stop: () => closers.close() };
}

function watcherOf({ queues, clock, random, logger }: StackParts, transport: Transport): Watcher {
  return startWatcher({
    transport,
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
}
