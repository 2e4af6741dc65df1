import { aNotificationWith } from './alerts.ts';
import { join } from 'node:path';
import type { AnalysisProvider } from '../../functions/ai-analysis/provider.ts';
import { startLocalStack, type LocalStack, type LocalStackOptions } from '../../infra/local/stack/local-stack.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { listAll, requestKind, type Followed } from '../../infra/local/story/observe.ts';
import { postNotifications } from '../../infra/local/story/play.ts';
import { playInRealTime, type PlayedInRealTime } from '../../infra/local/story/play-in-real-time.ts';
import { scriptedProvider } from '../../infra/local/story/scripted-provider.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';
import { ofATest } from './stack-options.ts';

export const root = join(import.meta.dirname, '../..');

export interface RealStack extends LocalStack {
  /** What the stack warned of or called an error, as one line each. */
  readonly complaints: readonly string[];
  /** To its end, unless the signal aborts before. */
  play(story: Story, signal?: AbortSignal): Promise<PlayedInRealTime>;
  /** Posts an alert of that name with these labels, firing since now; answers its request. */
  alert(alertname: string, labels: Readonly<Record<string, string>>): Promise<KubernetesObject>;
  /** Looks again until it holds, for a while; throws with what was waited for. */
  eventually(what: string, holds: () => Promise<boolean>): Promise<void>;
  /** The objects of a kind in our namespace, or in another. */
  all(kind: Followed, namespace?: string): Promise<readonly KubernetesObject[]>;
}

export interface RealStackOptions extends Partial<Pick<LocalStackOptions, 'apiServer' | 'cluster' | 'nodes' | 'aroundFunctions'>> {
  /** Whose analysis the stack is to give; absent: the embedded rules analyse. */
  readonly story?: Story;
  /** Asked instead of a story's recorded answer and of the rules. */
  readonly provider?: AnalysisProvider;
  readonly variables?: Readonly<Record<string, string>>;
}

const monitoringSeconds = '5';
const patienceSeconds = 180; // the sweeper runs every minute, on a machine that may be busy
const storySecondsSpare = 100; // a machine that is busy with other tests

/** The product on a control plane of its own, everything real but the images; or on a served sandbox, where `cluster` says so. Stop it. */
export async function aRealStack({ story, provider, variables = {}, ...options }: RealStackOptions = {}): Promise<RealStack> {
  const complaints: string[] = [];
  const analysis = story?.analysis ?? null;
  const asked = provider ?? (analysis === null ? null : scriptedProvider(analysis));
  const stack = await startLocalStack({
    root,
    cluster: 'real',
    ...options,
    ...ofATest,
    environment: {
      ...process.env,
      KUBERNAUT_MONITORING_SECONDS: monitoringSeconds,
      ...(asked !== null && { KUBERNAUT_ANALYSIS_PROVIDER: asked.name }),
      ...story?.script.variables,
      ...variables,
    },
    logger: complaining(complaints),
    ...(asked !== null && { providers: { [asked.name]: asked } }),
  });
  await inventHistory(stack.database, stack.clock.now());
  const never = new AbortController().signal;
  const eventually: RealStack['eventually'] = (what, holds) => waitUntil(holds, { clock: stack.clock, what, secondsMax: patienceSeconds, signal: never });
  return {
    ...stack,
    complaints,
    eventually,
    play: (told, signal = never) =>
      playInRealTime(stack, told, {
        signal,
        storySeconds: told.script.secondsMax + storySecondsSpare,
        stage: () => undefined,
        changed: () => undefined,
        acted: () => undefined,
      }),
    all: (kind, namespace) => listAll(stack.admin, kind, namespace),
    async alert(alertname, labels) {
      const notification = aNotificationWith({ alertname, severity: 'warning', ...labels }, stack.clock.now());
      await postNotifications(fetch, [notification], { url: stack.webhookUrl, token: stack.webhookToken });
      const find = async () => (await listAll(stack.admin, requestKind)).find((request) => stringAt(request, 'spec', 'alertName') === alertname);
      await eventually(`${alertname} has a request`, async () => (await find()) !== undefined);
      const request = await find();
      if (request === undefined) throw new Error(`the request of ${alertname} is gone`);
      return request;
    },
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
