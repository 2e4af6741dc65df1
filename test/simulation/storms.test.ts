import { describe, expect, it } from 'vitest';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import { readStory } from '../../infra/local/story/story.ts';
import { playSeeds, seedsOf, type Scenario } from './seeds.ts';
import { root } from './course.ts';
import { simulate } from './simulate.ts';

const main = readStory(root, 'payment-api-memory');
const failing = readStory(root, 'failing-second-step');
const three = readStory(root, 'three-steps');

/** In worse weather a deadline may pass; in this one everything is only slower. */
const mildSeverity = 0.1;

function inMildWeather(verdict: string): NonNullable<Scenario['verdicts']> {
  return (severity) => (severity <= mildSeverity ? [verdict] : undefined);
}

playSeeds({
  'the main story': { story: main, seeds: seedsOf(1, 10), verdicts: inMildWeather('completed') },
  'a second step that fails': { story: failing, seeds: seedsOf(1, 10), verdicts: inMildWeather('failed step_execution_failed') },
  'three steps': { story: three, seeds: seedsOf(1, 3), verdicts: inMildWeather('completed') },
  'a watcher that is dead for a quarter of an hour: everything slow, and nothing lost': {
    story: main,
    seeds: seedsOf(1, 3),
    forecast: { severity: 0, stormSeconds: 900, lostWatches: 1 },
    verdicts: () => ['completed'],
  },
});

describe('a seed', () => {
  it('tells the same story twice', async () => {
    const database = await embeddedDatabase();
    try {
      const once = await simulate({ story: failing, seed: 4, database });
      const twice = await simulate({ story: failing, seed: 4, database });
      expect(twice.trail).toBe(once.trail);
      expect(twice.invocations).toBe(once.invocations);
    } finally {
      await database.destroy();
    }
  });
});
