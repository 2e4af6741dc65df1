import { join } from 'node:path';
import { startLocalStack, type LocalStack, type LocalStackOptions } from '../../infra/local/stack/local-stack.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { playInRealTime, type PlayedInRealTime } from '../../infra/local/story/play-in-real-time.ts';
import { scriptedProvider } from '../../infra/local/story/scripted-provider.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';

export const root = join(import.meta.dirname, '../..');

export interface RealStack extends LocalStack {
  /** What the stack warned of or called an error, as one line each. */
  readonly complaints: readonly string[];
  play(story: Story): Promise<PlayedInRealTime>;
}

export interface RealStackOptions extends Partial<Pick<LocalStackOptions, 'audit'>> {
  /** Whose analysis the stack is to give; absent: the embedded rules analyse. */
  readonly story?: Story;
  readonly variables?: Readonly<Record<string, string>>;
}

const monitoringSeconds = '5';
const storySeconds = 400; // the longest waits two minutes for replicas that never come

/** The product on a control plane of its own, everything real but the images. Stop it. */
export async function aRealStack({ story, variables = {}, audit }: RealStackOptions = {}): Promise<RealStack> {
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
    ...(audit !== undefined && { audit }),
  });
  await inventHistory(stack.database, stack.clock.now());
  const audience = { signal: new AbortController().signal, storySeconds, stage: () => undefined, changed: () => undefined };
  return { ...stack, complaints, play: (told) => playInRealTime(stack, told, audience) };
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
