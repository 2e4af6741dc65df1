import { describe, expect, it, vi } from 'vitest';
import { storyNames } from '../../../infra/local/story/story.ts';
import { trailLine } from '../../../infra/local/story/trail.ts';
import { queueNames } from '../../../shared/queue/ports.ts';
import { root, storyOf, withRealStack } from '../../support/real-stack.ts';
import { endingOf, withoutAccidents } from '../../support/story-ending.ts';

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

async function expectAsInTheSandbox(name: string): Promise<void> {
  const story = storyOf(name);
  await withRealStack({ story }, async (stack) => {
    const { steps, begun } = await stack.play(story);
    const trail = steps.map((step) => `${trailLine(step, begun)}\n`).join('');
    expect(waysOf(trail)).toEqual(waysOf(story.trail ?? ''));
    const ended = story.ending ?? (await endingOf(stack, story));
    await vi.waitFor(async () => expect(await endingOf(stack, story)).toBe(ended), { timeout: recoveryMilliseconds, interval: 500 });
    expect(stack.complaints).toEqual([]);
    const buried = await Promise.all(queueNames.map(async (queue) => [queue, await stack.queues.depth(`${queue}-dlq`)] as const));
    expect(buried.filter(([, depth]) => depth > 0)).toEqual([]);
  });
}

const names = storyNames(root).filter((name) => storyOf(name).script.virtualOnly === undefined);

describe('on a real control plane, the story of', () => {
  it.each(names)('%s goes as its golden trail says, and leaves what it leaves in the sandbox', async (name) => {
    await expectAsInTheSandbox(name);
  });
});
