import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Kysely } from 'kysely';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { empty } from '../simulation/course.ts';
import { administrator } from '../../infra/local/sandbox/sandbox.ts';
import { jobKind, listAll, readOne, requestKind } from '../../infra/local/story/observe.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { scriptSchema } from '../../infra/local/story/script.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';

const root = join(import.meta.dirname, '../..');
const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

let database: Kysely<Database>;
beforeAll(async () => {
  database = await embeddedDatabase();
});
beforeEach(() => empty(database));
afterAll(() => database.destroy());

/** A person sets spec.cancel just as a step of the trail is told. */
function cancelledAt(story: string, subject: string, state: string): Story {
  const cancels = { says: 'an operator cancels', when: { subject, state }, do: { patch: { object: 'rr', with: { spec: { cancel: true } } } } };
  return { ...readStory(root, story), script: scriptSchema.parse({ description: 'a cancel', acts: [cancels] }) };
}

describe('a request that is cancelled as', () => {
  it.each<[moment: string, story: string, subject: string, state: string, jobs: number]>([
    ['it enters processing', 'payment-api-memory', 'rr', 'processing', 0],
    ['its target is looked at', 'payment-api-memory', 'rp', 'enriching', 0],
    ['its processing has completed', 'payment-api-memory', 'rp', 'completed', 0],
    ['it enters analyzing', 'payment-api-memory', 'rr', 'analyzing', 0],
    ['its alert is investigated', 'payment-api-memory', 'aia', 'investigating', 0],
    ['its analysis has completed', 'payment-api-memory', 'aia', 'completed', 0],
    ['it is held', 'namespace-paused', 'rr', 'blocked', 0],
    ['its workflow is planned', 'payment-api-memory', 'wf', 'planning', 0],
    ['its workflow is validated', 'payment-api-memory', 'wf', 'validating', 0],
    ['a person is asked', 'approval-given', 'wf', 'validating', 0],
    ['its workflow begins to act', 'payment-api-memory', 'wf', 'executing', 0],
    ['its execution is validated', 'payment-api-memory', 'ke/scale-deployment', 'validating', 2],
    ['its Job is made', 'payment-api-memory', 'job/scale-deployment', 'created', 2],
    ['its Job is complete', 'payment-api-memory', 'job/scale-deployment', 'complete', 2],
    ['its result is watched', 'payment-api-memory', 'wf', 'monitoring', 2],
  ])('%s ends as cancelled, with nothing changed or everything undone', async (_moment, story, subject, state, jobs) => {
    await playOnVirtualClock(cancelledAt(story, subject, state), { root, logger: silentLogger, database }, async ({ admin }) => {
      const [request] = await listAll(admin, requestKind);
      expect(request).toMatchObject({ status: { phase: 'cancelled', outcome: 'cancelled', reason: 'cancelled' } });
      const deployment = await readOne(admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'production', name: 'payment-api' });
      expect(valueAt(deployment, 'spec', 'replicas')).toBe(3);
      const ran = (await listAll(admin, jobKind)).filter((job) => valueAt(job, 'status', 'succeeded') === 1);
      expect(ran).toHaveLength(jobs);
      expect(await listAll(admin, leaseKind)).toEqual([]);
      const rows = await database
        .selectFrom('audit_event')
        .select(['type', 'actor_name'])
        .where('request_name', '=', stringAt(request, 'metadata', 'name'))
        .execute();
      expect(rows).toContainEqual({ type: 'request.cancelled', actor_name: administrator.username });
    });
  });
});
