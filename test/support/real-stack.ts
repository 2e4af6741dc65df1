import { join } from 'node:path';
import { startLocalStack, type LocalStack, type LocalStackOptions } from '../../infra/local/stack/local-stack.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { listAll, type Followed } from '../../infra/local/story/observe.ts';
import { playInRealTime, type PlayedInRealTime } from '../../infra/local/story/play-in-real-time.ts';
import { scriptedProvider } from '../../infra/local/story/scripted-provider.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';

export const root = join(import.meta.dirname, '../..');

export interface RealStack extends LocalStack {
  /** What the stack warned of or called an error, as one line each. */
  readonly complaints: readonly string[];
  /** To its end, unless the signal aborts before. */
  play(story: Story, signal?: AbortSignal): Promise<PlayedInRealTime>;
  /** Looks again until it holds, for a while; throws with what was waited for. */
  eventually(what: string, holds: () => Promise<boolean>): Promise<void>;
  /** The objects of a kind in our namespace, or in another. */
  all(kind: Followed, namespace?: string): Promise<readonly KubernetesObject[]>;
}

export interface RealStackOptions extends Partial<Pick<LocalStackOptions, 'apiServer'>> {
  /** Whose analysis the stack is to give; absent: the embedded rules analyse. */
  readonly story?: Story;
  readonly variables?: Readonly<Record<string, string>>;
}

const monitoringSeconds = '5';
const patienceSeconds = 180; // the sweeper runs every minute, on a machine that may be busy
const storySeconds = 400; // the longest waits two minutes for replicas that never come

/** The product on a control plane of its own, everything real but the images. Stop it. */
export async function aRealStack({ story, variables = {}, apiServer }: RealStackOptions = {}): Promise<RealStack> {
  const complaints: string[] = [];
  const analysis = story?.analysis ?? null;
  const stack = await startLocalStack({
    root,
    cluster: 'real',
    tell: () => undefined,
    ports: { webhook: 0, api: 0, queue: 0 },
    queueEndpoint: null,
    queuePrefix: 'kubernaut-test-',
    keepsQueues: false,
    dataDirectory: null,
    environment: {
      ...process.env,
      KUBERNAUT_MONITORING_SECONDS: monitoringSeconds,
      ...(analysis !== null && { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' }),
      ...variables,
    },
    logger: complaining(complaints),
    ...(analysis !== null && { providers: { scripted: scriptedProvider(analysis) } }),
    ...(apiServer !== undefined && { apiServer }),
  });
  await inventHistory(stack.database, stack.clock.now());
  const never = new AbortController().signal;
  return {
    ...stack,
    complaints,
    play: (told, signal = never) => playInRealTime(stack, told, { signal, storySeconds, stage: () => undefined, changed: () => undefined }),
    eventually: (what, holds) => waitUntil(holds, { clock: stack.clock, what, secondsMax: patienceSeconds, signal: never }),
    all: (kind, namespace) => listAll(stack.admin, kind, namespace),
  };
}

/** Starts a stack, gives it, and stops it whatever happens. */
export async function withRealStack<Result>(options: RealStackOptions, use: (stack: RealStack) => Promise<Result>): Promise<Result> {
  const stack = await aRealStack(options);
  try {
    return await use(stack);
  } finally {
    await stack.stop();
  }
}

export function storyOf(name: string): Story {
  return readStory(root, name);
}

function complaining(complaints: string[]): Logger {
  const complain = (message: string, fields: object = {}) => {
    complaints.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { debug: () => undefined, info: () => undefined, warn: complain, error: complain };
}
