import type { Kysely } from 'kysely';
import type { Instant } from '../../../shared/api/time.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';
import { createMemoryQueues, type MemoryQueues } from '../queue/memory-queues.ts';
import { createSandbox, type SandboxOptions } from '../sandbox/create-sandbox.ts';
import { administrator } from '../sandbox/sandbox.ts';
import { standardExtensions } from '../sandbox/standard-extensions.ts';
import { tokenIssuer } from '../sandbox/token.ts';
import { createSimulatedKubectl } from '../node/simulated-kubectl.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { opening, type Closers } from './closers.ts';
import { admissionInProcess } from './admission-in-process.ts';
import { embeddedDatabase } from './database.ts';
import { functionsUser, podUser, watcherUser } from './identities.ts';
import { installAdmission, installProduct } from './install.ts';
import { seededRandom, seededUuid } from './random.ts';
import { sandboxCluster } from './sandbox-cluster.ts';
import { readServerlessFile } from './serverless-file.ts';
import type { AroundInvocation } from './start-functions.ts';
import { startStack, type Stack } from './stack.ts';
import { createWorkspace } from './workspace.ts';

export interface StoryStackOptions {
  readonly root: string;
  readonly logger: Logger;
  readonly start?: Instant;
  readonly seed?: number;
  readonly variables?: Readonly<Record<string, string>>;
  readonly beforeServe?: SandboxOptions['beforeServe'];
  readonly providers?: Readonly<Record<string, unknown>>;
  /** Migrated and empty; whoever gives it ends it. */
  readonly database?: Kysely<Database>;
  /** Of the simulated kubelets; absent: one. */
  readonly nodeNames?: readonly string[];
  /** What functions and watcher reach the world through, for a story to come between. */
  readonly disturb?: (calm: Surroundings, clock: VirtualClock) => Surroundings;
}

/** The way from the functions and the watcher to everything else. */
export interface Surroundings {
  readonly queues: MemoryQueues;
  readonly functionsTransport: Transport;
  readonly watcherTransport: Transport;
  readonly aroundInvocation: AroundInvocation;
}

export interface StoryStack extends Stack {
  readonly clock: VirtualClock;
  readonly queues: MemoryQueues;
  readonly webhookToken: string;
}

const admissionPath = 'story-admission-path'; // nobody but the sandbox of the story is there to guess it

/** The whole product in one process on a virtual clock, without HTTP: the same handlers, the same RBAC, minutes in milliseconds. */
export function startStoryStack(options: StoryStackOptions): Promise<StoryStack> {
  return opening((closers) => start(options, closers));
}

async function start(options: StoryStackOptions, closers: Closers): Promise<StoryStack> {
  const { root, logger, start = '2026-01-15T10:34:00Z', seed = 1, beforeServe } = options;
  const clock = createVirtualClock({ start });
  const random = seededRandom(seed);
  const admission = admissionInProcess(admissionPath);
  const sandbox = createSandbox({
    clock,
    randomUuid: seededUuid(random),
    extensions: standardExtensions(tokenIssuer(clock), admission.webhooks),
    ...(beforeServe !== undefined && { beforeServe }),
  });
  const serverless = readServerlessFile(root);
  const calm: Surroundings = {
    queues: createMemoryQueues(clock, serverless.queues),
    functionsTransport: sandbox.transport(functionsUser),
    watcherTransport: sandbox.transport(watcherUser),
    aroundInvocation: (_functionName, invoke) => invoke(),
  };
  const surroundings = options.disturb?.(calm, clock) ?? calm;
  const database = options.database ?? (await embeddedDatabase());
  const keepsDatabase = options.database !== undefined;
  if (!keepsDatabase) closers.add(() => database.destroy());
  const workspace = await createWorkspace();
  closers.add(() => workspace.remove());
  const webhookToken = 'story-webhook-token';
  const admin = sandbox.transport(administrator);
  await installProduct(admin, root, { clock });
  await installAdmission(admin, admission.endpoint);
  const executor = createSimulatedKubectl({ reader: admin, clock, actAs: (pod) => Promise.resolve(sandbox.transport(podUser(pod))) });
  const stack = await startStack({
    root,
    serverless,
    clock,
    cluster: sandboxCluster(sandbox, executor, options.nodeNames),
    ...surroundings,
    database,
    keepsDatabase,
    variables: {
      KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/',
      KUBERNAUT_WEBHOOK_TOKENS_FILE: await workspace.write('webhook-tokens', webhookToken),
      KUBERNAUT_ADMISSION_PATH_FILE: await workspace.write('admission-path', admissionPath),
      ...options.variables,
    },
    answerAdmission: (fetch) => admission.answerWith(fetch),
    admissionSegments: async () => [admissionPath], // a file is read when the machine likes, and a seed would not give one story
    logger,
    random,
    ...(options.providers !== undefined && { providers: options.providers }),
  });
  closers.add(() => stack.stop());
  return { ...stack, clock, queues: surroundings.queues, webhookToken, stop: () => closers.close() };
}
