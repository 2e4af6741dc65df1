import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Kysely } from 'kysely';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { empty } from '../simulation/course.ts';
import { witnessed } from '../simulation/witnessed.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { readStory, storiesFolder, storyNames } from '../../infra/local/story/story.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { endingOf } from '../support/story-ending.ts';
import { queueNames } from '../../shared/queue/ports.ts';

const root = join(import.meta.dirname, '../..');

/** `UPDATE_TRAILS=1 npx vitest run test/cluster/stories.test.ts` writes trails and endings anew; read the difference before you commit it. */
const writesTrails = process.env['UPDATE_TRAILS'] === '1';

let database: Kysely<Database>;
beforeAll(async () => {
  database = await embeddedDatabase();
});
beforeEach(() => empty(database));
afterAll(() => database.destroy());

describe('the golden trail and ending of', () => {
  it.each(storyNames(root))('%s', async (name) => {
    const story = readStory(root, name);
    const { options, violations } = witnessed();
    await playOnVirtualClock(story, { root, logger: silentLogger, database, ...options }, async (stack, { trail }) => {
      const ending = await endingOf({ admin: stack.admin, database }, story);
      if (writesTrails) writeFileSync(join(root, storiesFolder, name, 'trail.txt'), trail);
      if (writesTrails) writeFileSync(join(root, storiesFolder, name, 'ending.txt'), ending);
      expect(trail).toBe(writesTrails ? trail : story.trail);
      expect(ending).toBe(writesTrails ? ending : story.ending);
      expect(queueNames.flatMap((queue) => stack.queues.peek(`${queue}-dlq`))).toEqual([]);
      expect(await violations(stack)).toEqual([]);
    });
  });
});
