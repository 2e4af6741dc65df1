import { describe, expect, it } from 'vitest';
import { storyNames } from '../../../infra/local/story/story.ts';
import { trailLine } from '../../../infra/local/story/trail.ts';
import { queueNames } from '../../../shared/queue/ports.ts';
import { root, storyOf, withRealStack } from '../../support/real-stack.ts';

/** What differs from one telling to the next: the clock, how long it took, and the names that a cluster gives to pods. */
const accidents: readonly (readonly [RegExp, string])[] = [
  [/ in (\d+[hms])+$/, ' in a while'],
  [/(pod \w+)-[a-z0-9]+-[a-z0-9]{5}$/, '$1-…'],
];

/** Each subject's own way through its phases; which of two subjects moves first is nobody's promise. */
function waysOf(trail: string): Readonly<Record<string, readonly string[]>> {
  const ways: Record<string, string[]> = {};
  for (const line of trail.split('\n').filter((text) => text !== '')) {
    const [, subject = '', step = ''] = /^\S+ (\S+)\s+(.*)$/.exec(line) ?? [];
    const told = accidents.reduce((text, [accident, instead]) => text.replace(accident, instead), step.replaceAll(/ +/g, ' '));
    ways[subject] = [...(ways[subject] ?? []), told];
  }
  return ways;
}

describe('on a real control plane, the story of', () => {
  it.each(storyNames(root))('%s goes as its golden trail says', async (name) => {
    const story = storyOf(name);
    await withRealStack({ story }, async (stack) => {
      const { steps, begun } = await stack.play(story);
      const trail = steps.map((step) => `${trailLine(step, begun)}\n`).join('');
      expect(waysOf(trail)).toEqual(waysOf(story.trail ?? ''));
      expect(stack.complaints).toEqual([]);
      const buried = await Promise.all(queueNames.map(async (queue) => [queue, await stack.queues.depth(`${queue}-dlq`)] as const));
      expect(buried.filter(([, depth]) => depth > 0)).toEqual([]);
    });
  });
});
