import type { Kysely } from 'kysely';
import { startStoryStack, type StoryStack } from '../../infra/local/stack/story-stack.ts';
import { readServerlessFile } from '../../infra/local/stack/serverless-file.ts';
import { followChanges } from '../../infra/local/story/observe.ts';
import { scriptedProvider } from '../../infra/local/story/scripted-provider.ts';
import type { Story } from '../../infra/local/story/story.ts';
import { createTrailRecorder, trailLine } from '../../infra/local/story/trail.ts';
import type { Database } from '../../shared/audit/tables.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { silentLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { check } from './checkers.ts';
import { beginning, comeToItsEnd, empty, end, postUntilAccepted, root, setTheScene, verdictOf } from './course.ts';
import { dyingInvocations, type Invocations } from './dying-invocations.ts';
import { faultyQueues } from './faulty-queues.ts';
import { faultyTransport, faultyWatches } from './faulty-transport.ts';
import { weatherOf, type Forecast, type Weather } from './weather.ts';
import { sentenceOf } from './violation.ts';
import { createWitness, readFamily, type Witness } from './witness.ts';

export interface Simulation {
  readonly story: Story;
  readonly seed: number;
  /** Shared by the seeds of a file, and emptied before each. */
  readonly database: Kysely<Database>;
  readonly logger?: Logger;
  readonly forecast?: Forecast;
  /** What people do meanwhile. */
  readonly meddle?: (stack: StoryStack, weather: Weather) => Promise<void>;
}

export interface Ending {
  readonly severity: number;
  readonly weather: string;
  readonly trail: string;
  readonly violations: readonly string[];
  /** Phase and reason of each request. */
  readonly verdicts: readonly string[];
  readonly invocations: number;
}

const invocationsMax = 5_000;

/** Plays one seed: a settled world, an alert, a storm, calm; and then what must hold, held against what came of it. */
export async function simulate({ story, seed, database, logger = silentLogger, forecast, meddle }: Simulation): Promise<Ending> {
  await empty(database);
  const serverless = readServerlessFile(root);
  const timeoutSeconds = (name: string) => serverless.functions.find((definition) => definition.name === name)?.timeoutSeconds ?? 0;
  const outside: { admin?: Transport; weather?: Weather; invocations?: Invocations } = {};
  const witness = createWitness(() => must(outside.admin));
  const stack = await startStoryStack({
    root,
    logger,
    seed,
    database,
    ...(story.analysis !== null && {
      variables: { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' },
      providers: { scripted: scriptedProvider(story.analysis) },
    }),
    beforeServe: witness.beforeServe,
    disturb(calm, clock) {
      const weather = weatherOf(seed, clock, forecast);
      const invocations = dyingInvocations(weather, clock, timeoutSeconds);
      Object.assign(outside, { weather, invocations });
      return {
        queues: faultyQueues(calm.queues, weather, invocations, witness),
        functionsTransport: faultyTransport(calm.functionsTransport, weather, clock, invocations),
        watcherTransport: faultyWatches(calm.watcherTransport, weather),
        aroundInvocation: invocations.around,
      };
    },
  });
  outside.admin = stack.admin;
  try {
    return await play(stack, {
      story,
      weather: must(outside.weather),
      invocations: must(outside.invocations),
      witness,
      ...(meddle !== undefined && { meddle }),
    });
  } finally {
    await end(stack);
  }
}

interface Cast {
  readonly story: Story;
  readonly weather: Weather;
  readonly invocations: Invocations;
  readonly witness: Witness;
  readonly meddle?: Simulation['meddle'];
}

async function play(stack: StoryStack, { story, weather, invocations, witness, meddle }: Cast): Promise<Ending> {
  const { admin, clock, counts } = stack;
  await setTheScene(stack, story);
  const begun = clock.now();
  const recorder = createTrailRecorder();
  const watching = new AbortController();
  const changed = (object: Parameters<typeof witness.changed>[0]) => {
    witness.changed(object);
    recorder.note(object, clock.now());
  };
  const followed = followChanges(admin, changed, watching.signal);
  weather.rise();
  await postUntilAccepted(stack, story);
  const meddling = beginning(clock.track(async () => meddle?.(stack, weather)));
  await comeToItsEnd(stack, () => meddling.hasEnded() && !weather.isStormy());
  watching.abort();
  await followed;
  const total = [...counts.all().values()].reduce((sum, { invocations: some }) => sum + some, 0);
  const requests = (await readFamily(admin)).RemediationRequest;
  return {
    severity: weather.severity,
    weather: `severity ${weather.severity}, ${weather.stormSeconds} s of storm`,
    trail: recorder.steps.map((step) => `${trailLine(step, begun)}\n`).join(''),
    violations: [
      ...(await check(stack, witness)).map(sentenceOf),
      ...invocations.overruns,
      ...(total > invocationsMax ? [`${total} invocations: something wakes itself`] : []),
    ],
    verdicts: requests.map(({ status }) => verdictOf(status)),
    invocations: total,
  };
}

function must<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('the stack has not started yet');
  return part;
}
