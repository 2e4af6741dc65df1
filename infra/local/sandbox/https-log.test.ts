import { afterEach, describe, expect, it } from 'vitest';
import { anHttpsWorld, type HttpsWorld } from '../../../test/support/https.ts';
import type { JsonValue } from '../../../shared/api/json.ts';
import { administrator } from './sandbox.ts';

const pods = '/api/v1/namespaces/default/pods';
const turnOfTheLoop = {
  now: () => '2026-01-15T10:35:20Z',
  milliseconds: () => Date.now(),
  sleep: async () => new Promise<void>((resolve) => void setImmediate(resolve)),
};

let world: HttpsWorld;
afterEach(async () => {
  await world.close();
});

/** A pod `p` that runs; the front looks at its log again at every turn of the event loop. */
async function startPod(): Promise<string> {
  world = await anHttpsWorld({ frontClock: turnOfTheLoop });
  const serve = (path: string, body: JsonValue) => world.sandbox.serve({ method: 'POST', path, body, user: administrator });
  const { body } = await serve(pods, { metadata: { name: 'p' }, spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'busybox:1' }] } });
  await enter('Running');
  return String(Object(Object(body).metadata).uid);
}

async function enter(phase: string): Promise<void> {
  const patch = {
    method: 'PATCH',
    path: `${pods}/p/status`,
    patchType: 'application/merge-patch+json',
    body: { status: { phase } },
    user: administrator,
  } as const;
  expect(await world.sandbox.serve(patch)).toMatchObject({ status: 200 });
}

describe('a log that is followed', () => {
  it('comes as it is written, and ends with its pod', async () => {
    const uid = await startPod();
    world.sandbox.appendLog(uid, 'main', 'first\n');
    const message = (await world.open(`${pods}/p/log?follow=true`)).setEncoding('utf8');
    const chunks = message[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toBe('first\n');
    world.sandbox.appendLog(uid, 'main', 'second\n');
    expect((await chunks.next()).value).toBe('second\n');
    world.sandbox.appendLog(uid, 'main', 'last\n');
    await enter('Succeeded');
    expect((await chunks.next()).value).toBe('last\n');
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  it('may begin with its last lines', async () => {
    const uid = await startPod();
    world.sandbox.appendLog(uid, 'main', 'first\nsecond\nthird');
    await enter('Failed');
    const text = async (tailLines: string) => (await world.call(`${pods}/p/log?follow=true&tailLines=${tailLines}`)).text;
    expect([await text('2'), await text('0'), await text('9')]).toEqual(['second\nthird', '', 'first\nsecond\nthird']);
  });

  it('is refused with a Status where there is none', async () => {
    await startPod();
    expect(await world.call(`${pods}/gone/log?follow=true`)).toMatchObject({ status: 404, json: { kind: 'Status', reason: 'NotFound' } });
  });
});
