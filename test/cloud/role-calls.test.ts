import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionAccess } from '../../infra/cloud/access.ts';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import { requestKind } from '../../infra/local/story/observe.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { queueNames } from '../../shared/queue/ports.ts';
import { anInterventionWorld, phaseOf, system, type InterventionWorld } from '../support/intervention-world.ts';
import { packageTemplate, type PackagedTemplate } from '../support/packaged-template.ts';
import { allowedQueueCalls } from '../support/role-statements.ts';
import { createCallRecorder } from '../support/recorded-calls.ts';

const recorder = createCallRecorder();
let template: PackagedTemplate;
let database: Kysely<Database>;
let world: InterventionWorld;

beforeAll(async () => {
  template = await packageTemplate('dev');
  database = await embeddedDatabase();
  world = await anInterventionWorld(recorder.failingAtFirst(database), {}, { disturb: recorder.disturb });
  await playEverything();
}, 180_000);
afterAll(async () => {
  await world.stack.stop();
  await database.destroy();
  await template.remove();
});

/** What makes the functions call whatever they ever call: trouble, hostile messages, a pause before the act, a second alert while the target rests. */
async function playEverything(): Promise<void> {
  for (const queue of queueNames) await world.stack.queues.send(queue, [{ body: 'no key, no alert, no row' }]);
  await world.fire();
  await world.until(async () => (await world.workflow()) !== null);
  await pause(true);
  await world.until(async () => JSON.stringify(await world.workflow()).includes('OwnerPaused'));
  await pause(false);
  const isOver = async () => (await world.requests()).every((request) => ['completed', 'failed'].includes(phaseOf(request)));
  await world.until(isOver);
  await world.fire({ startsAt: '2026-01-15T11:34:00Z' });
  await world.until(isOver);
  await world.pass(120);
}

async function pause(value: boolean): Promise<void> {
  await world.change({ ...requestKind, namespace: system, name: (await world.request()).metadata.name }, { spec: { pause: value } });
}

/** What the event source mapping calls in the function's name: AWS documents these three. */
const mappingCalls = (functionName: string) => {
  const queue = functionAccess[functionName]?.takes ?? null;
  return queue === null ? [] : ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => `sqs:${action} ${queue}`);
};

describe('the role of a function', () => {
  it.each(Object.keys(functionAccess).filter((name) => !name.endsWith('-webhook')))('allows what it called on SQS and nothing else: %s', (name) => {
    const called = [...(recorder.calls.get(name) ?? []), ...mappingCalls(name)];
    expect([...new Set(called)].toSorted()).toEqual(allowedQueueCalls(template, name).toSorted());
  });
});
