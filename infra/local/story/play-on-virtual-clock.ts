import type { Logger } from '../../../shared/telemetry/logger.ts';
import { startStoryStack, type StoryStack, type StoryStackOptions } from '../stack/story-stack.ts';
import { followChanges } from './observe.ts';
import { bringFaults, createWorkflow, faultsShow, hasEnded, hasSettled, postNotifications, setScene } from './play.ts';
import { scriptedProvider } from './scripted-provider.ts';
import type { Story } from './story.ts';
import { createTrailRecorder, trailLine, type Step } from './trail.ts';

export interface PlayOptions {
  readonly root: string;
  readonly logger: Logger;
  readonly variables?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly beforeServe?: StoryStackOptions['beforeServe'];
  /** Before anything happens: rows of a history, more objects. */
  readonly prepare?: (stack: StoryStack) => Promise<void>;
}

export interface Played {
  readonly steps: readonly Step[];
  /** Golden text: one line a step. */
  readonly trail: string;
}

const sceneSeconds = 300;
const storySeconds = 3_600;
const afterwardsSeconds = 30; // locks are released and the audit is written after the last phase

/** Plays a story to its end, then lets `inspect` look at the world before everything is stopped. */
export async function playOnVirtualClock(story: Story, options: PlayOptions, inspect: (stack: StoryStack, played: Played) => Promise<void>): Promise<void> {
  const { root, logger, seed, beforeServe, prepare } = options;
  const scripted = story.analysis === null ? {} : { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' };
  const stack = await startStoryStack({
    root,
    logger,
    variables: { ...scripted, ...options.variables },
    ...(seed !== undefined && { seed }),
    ...(beforeServe !== undefined && { beforeServe }),
    ...(story.analysis !== null && { providers: { scripted: scriptedProvider(story.analysis) } }),
  });
  try {
    await prepare?.(stack);
    await inspect(stack, await play(stack, story));
  } finally {
    await stack.stop();
  }
}

async function play(stack: StoryStack, story: Story): Promise<Played> {
  const { admin, clock } = stack;
  await setScene(admin, story);
  await clock.run(() => hasSettled(admin, story), { virtualSeconds: sceneSeconds });
  await bringFaults(admin, story);
  await clock.run(() => faultsShow(admin, story), { virtualSeconds: sceneSeconds });
  await clock.run(() => hasSettled(admin, story), { virtualSeconds: sceneSeconds });
  const begun = clock.now();
  const recorder = createTrailRecorder();
  const watching = new AbortController();
  const followed = followChanges(admin, (object) => void recorder.note(object, clock.now()), watching.signal);
  if (story.workflow === null) await postNotifications(stack.webhook, story.notifications, { url: 'http://webhook.invalid/alerts', token: stack.webhookToken });
  else await createWorkflow(admin, story.workflow);
  await clock.run(() => hasEnded(admin, story), { virtualSeconds: storySeconds });
  const end = clock.milliseconds() + afterwardsSeconds * 1_000;
  await clock.run(() => clock.milliseconds() >= end, { virtualSeconds: afterwardsSeconds * 2 });
  watching.abort();
  await followed;
  return { steps: recorder.steps, trail: recorder.steps.map((step) => `${trailLine(step, begun)}\n`).join('') };
}
