import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { secondsBetween } from '../../../shared/api/time.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { startStoryStack, type StoryStack, type StoryStackOptions } from '../stack/story-stack.ts';
import { castActors } from './actors.ts';
import { followChanges } from './observe.ts';
import { bringFaults, faultsShow, hasEnded, hasSettled, postNotifications, setScene } from './play.ts';
import { scriptedProvider } from './scripted-provider.ts';
import type { Story } from './story.ts';
import { createTrailRecorder, trailLine, type Step } from './trail.ts';

export interface PlayOptions extends Omit<StoryStackOptions, 'start' | 'providers'> {
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
  const { prepare, variables, ...given } = options;
  const scripted = story.analysis === null ? {} : { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' };
  const stack = await startStoryStack({
    ...given,
    variables: { ...scripted, ...story.script.variables, ...variables },
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
  const elapsedSeconds = () => secondsBetween(begun, clock.now());
  const recorder = createTrailRecorder();
  const watching = new AbortController();
  const webhook = { url: 'http://webhook.invalid/alerts', token: stack.webhookToken };
  const actors = castActors({
    acts: story.script.acts,
    clock,
    signal: watching.signal,
    scene: { admin, notifications: story.notifications, post: stack.webhook, webhook },
    acted: (step) => {
      recorder.add(step);
    },
  });
  const changed = (object: KubernetesObject) => {
    actors.note(object, recorder.subjectOf(object), recorder.note(object, clock.now()));
  };
  const followed = followChanges(admin, changed, watching.signal);
  actors.begin();
  await postNotifications(stack.webhook, story.notifications, webhook);
  if (typeof story.script.ends === 'object') await pass(clock, story.script.ends.afterSeconds);
  await clock.run(async () => actors.rest() && (await hasEnded(admin, story, { elapsedSeconds })), { virtualSeconds: storySeconds });
  actors.conclude();
  await pass(clock, afterwardsSeconds);
  watching.abort();
  await followed;
  return { steps: recorder.steps, trail: recorder.steps.map((step) => `${trailLine(step, begun)}\n`).join('') };
}

/** Time jumps from one sleeper to the next: without one of our own it would stop late, or nowhere. */
async function pass(clock: VirtualClock, seconds: number): Promise<void> {
  let isOver = false;
  void clock.sleep(seconds * 1_000).then(() => (isOver = true));
  await clock.run(() => isOver, { virtualSeconds: seconds + 1 });
}
