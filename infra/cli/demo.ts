import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../shared/api/json.ts';
import { numberAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { ClusterChoice } from '../local/stack/cluster-choice.ts';
import { startLocalStack, type LocalStack } from '../local/stack/local-stack.ts';
import { inventedHistory, inventHistory } from '../local/story/history.ts';
import { readOne } from '../local/story/observe.ts';
import { playInRealTime } from '../local/story/play-in-real-time.ts';
import { scriptedProvider } from '../local/story/scripted-provider.ts';
import { readStory, type Story } from '../local/story/story.ts';
import { waitUntil } from '../local/story/wait-until.ts';
import { createConsoleLogger } from './console-logger.ts';
import { collectReport, type DemoReport } from './demo-report.ts';
import { summaryLines } from './demo-summary.ts';
import { onInterruption } from './interruption.ts';
import { createLiveTimeline } from './live-timeline.ts';
import { root } from './root.ts';
import { createScreen, type Screen } from './screen.ts';
import { stopInTime } from './stopping.ts';

export interface DemoOptions {
  readonly cluster: ClusterChoice;
  readonly monitoringSeconds: number;
  /** Undefined: the main story, which must end with five ready replicas. */
  readonly scenario?: string;
  readonly json: boolean;
  readonly queueEndpoint?: string;
  readonly verbose: boolean;
}

const mainStory = 'payment-api-memory';
const mainAlert = 'test/fixtures/alertmanager/payment-api-memory.json';
const readySecondsMax = 10;
const wanted = { namespace: 'production', name: 'payment-api', replicas: 5 };

/** Plays a story on a stack of its own and shows what happens. Answers the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  const story = options.scenario === undefined ? mainStoryWithItsAlert() : readStory(root, options.scenario);
  const screen = createScreen(options.json ? process.stderr : process.stdout);
  const interruption = onInterruption();
  try {
    return await playAndTell(story, options, { screen, signal: interruption.signal });
  } finally {
    interruption.release();
  }
}

function mainStoryWithItsAlert(): Story {
  const alert = JSON.parse(readFileSync(join(root, mainAlert), 'utf8')) as JsonObject;
  return { ...readStory(root, mainStory), notifications: [alert] };
}

interface Stage {
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

async function playAndTell(story: Story, options: DemoOptions, stage: Stage): Promise<number> {
  const { screen } = stage;
  const begun = Date.now();
  const stack = await start(story, options, stage);
  try {
    screen.line(
      `started in ${((Date.now() - begun) / 1_000).toFixed(1)} s: Kubernetes API ${stack.apiUrl} (${stack.cluster}), SQS ${stack.queueEndpoint}, webhook ${stack.webhookUrl}, executor Jobs run by ${stack.executor}`,
    );
    const report = await play(stack, story, { ...options, ...stage });
    const problem = options.scenario === undefined ? await mainStoryProblem(stack, report, stage.signal) : null;
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else for (const line of summaryLines(report)) screen.line(line);
    if (problem === null) return 0;
    console.error(`error: ${problem}`);
    return 1;
  } finally {
    await stopInTime(() => stack.stop());
  }
}

function start(story: Story, { cluster, monitoringSeconds, queueEndpoint, verbose }: DemoOptions, { screen, signal }: Stage): Promise<LocalStack> {
  const scripted = story.analysis === null ? {} : { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' };
  const logger = createConsoleLogger(
    (line) => {
      screen.progress(null);
      console.error(line);
    },
    { verbose },
  );
  return startLocalStack({
    root,
    cluster,
    tell: (line) => {
      screen.line(line);
    },
    ports: { webhook: 0, api: 0, queue: 0 },
    queueEndpoint: queueEndpoint ?? null,
    queuePrefix: `kubernaut-demo-${randomBytes(4).toString('hex')}-`, // at a shared endpoint a demo meets no other, and leaves no queue
    keepsQueues: false,
    dataDirectory: null,
    environment: { ...process.env, KUBERNAUT_MONITORING_SECONDS: String(monitoringSeconds), ...scripted, ...story.script.variables },
    logger,
    signal,
    ...(story.analysis !== null && { providers: { scripted: scriptedProvider(story.analysis) } }),
  });
}

async function play(stack: LocalStack, story: Story, { screen, signal, json, monitoringSeconds }: Stage & DemoOptions): Promise<DemoReport> {
  await inventHistory(stack.database, stack.clock.now());
  const past = inventedHistory.map(({ action, samples, successes }) => `${samples} of ${action}, ${successes} good`);
  screen.line(`past outcomes, invented so that there are success rates to read: ${past.join('; ')}`);
  screen.line(`the story: ${story.script.description}`);
  if (story.script.acts.length > 0) screen.line('what people and Alertmanager do in it is simulated; its lines begin with *');
  const stream = json ? process.stderr : process.stdout;
  const isTerminal = stream.isTTY;
  const timeline = createLiveTimeline(screen, { now: () => stack.clock.now(), isTerminal, colour: isTerminal && process.env['NO_COLOR'] === undefined });
  try {
    const played = await playInRealTime(stack, story, {
      signal,
      storySeconds: monitoringSeconds + story.script.secondsMax,
      stage: (text) => {
        screen.line(text);
      },
      changed: (object, step, begun) => {
        timeline.changed(object, step, begun);
      },
      acted: (step, begun) => {
        timeline.acted(step, begun);
      },
    });
    return await collectReport(stack, played);
  } finally {
    timeline.stop();
  }
}

/** What the main story must come to, or one sentence about what is missing. */
async function mainStoryProblem(stack: LocalStack, { remediationRequest }: DemoReport, signal: AbortSignal): Promise<string | null> {
  const phase = stringAt(remediationRequest, 'status', 'phase');
  if (phase !== 'completed')
    return `the remediation ended ${phase ?? 'nowhere'}: ${stringAt(remediationRequest, 'status', 'message') ?? 'the request says nothing'}`;
  const readyReplicas = async () => numberAt(await readOne(stack.admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, wanted), 'status', 'readyReplicas') ?? 0;
  const areReady = async () => (await readyReplicas()) === wanted.replicas;
  const what = `${wanted.name} has ${wanted.replicas} ready replicas`;
  await waitUntil(areReady, { clock: stack.clock, signal, what, secondsMax: readySecondsMax });
  return null;
}
