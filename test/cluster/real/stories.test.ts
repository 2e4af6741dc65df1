import { describe, expect, it, vi } from 'vitest';
import { playOnVirtualClock } from '../../../infra/local/story/play-on-virtual-clock.ts';
import { storyNames, type Story } from '../../../infra/local/story/story.ts';
import { trailLine } from '../../../infra/local/story/trail.ts';
import { queueNames } from '../../../shared/queue/ports.ts';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import { aftermathOf, withoutAccidents, type Aftermath } from '../../support/aftermath.ts';
import { root, storyOf, withRealStack } from '../../support/real-stack.ts';

/** A pod that crashed for its configuration waits for the end of its back-off, and here nobody watches for a whole minute. */
const recoveryMilliseconds = 90_000;

/** Each subject's own way through its phases; which of two subjects moves first is nobody's promise. */
function waysOf(trail: string): Readonly<Record<string, readonly string[]>> {
  const ways: Record<string, string[]> = {};
  for (const line of trail.split('\n').filter((text) => text !== '')) {
    const [, subject = '', step = ''] = /^\S+ (\S+)\s+(.*)$/.exec(line) ?? [];
    ways[subject] = [...(ways[subject] ?? []), withoutAccidents(step.replaceAll(/ +/g, ' '))];
  }
  return ways;
}

/** What the sandbox leaves, on a virtual clock and behind the golden trail. */
async function promised(story: Story): Promise<Aftermath> {
  const told: Aftermath[] = [];
  await playOnVirtualClock(story, { root, logger: silentLogger }, async ({ admin }) => void told.push(await aftermathOf(admin, story)));
  const [aftermath] = told;
  if (aftermath === undefined) throw new Error(`${story.name} was not told`);
  return aftermath;
}

const told = storyNames(root).filter((name) => storyOf(name).script.virtualOnly === undefined);

describe('on a real control plane, the story of', () => {
  it.each(told)('%s goes as its golden trail says, and leaves what it leaves in the sandbox', async (name) => {
    const story = storyOf(name);
    await withRealStack({ story }, async (stack) => {
      const { steps, begun } = await stack.play(story);
      const trail = steps.map((step) => `${trailLine(step, begun)}\n`).join('');
      expect(waysOf(trail)).toEqual(waysOf(story.trail ?? ''));
      const aftermath = await promised(story);
      await vi.waitFor(async () => expect(await aftermathOf(stack.admin, story)).toEqual(aftermath), { timeout: recoveryMilliseconds, interval: 500 });
      expect(stack.complaints).toEqual([]);
      const buried = await Promise.all(queueNames.map(async (queue) => [queue, await stack.queues.depth(`${queue}-dlq`)] as const));
      expect(buried.filter(([, depth]) => depth > 0)).toEqual([]);
    });
  });
});
