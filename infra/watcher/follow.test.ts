import { describe, expect, it } from 'vitest';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { Transport, WatchEvent } from '../../shared/kubernetes/request.ts';
import { aWorld } from '../../test/support/sandbox.ts';
import { follow, type Notice } from './follow.ts';

/** What the next watch does instead of the server's part; it is told of the way to do that part. */
type Fault = (real: () => AsyncIterable<WatchEvent>, signal: AbortSignal) => AsyncIterable<WatchEvent>;

/** Has followed the ConfigMaps of kubernaut-system in a sandbox for a minute, through a transport that fails as told. */
async function aFollower() {
  const { clock, transport: admin } = aWorld();
  const watchFaults: Fault[] = [];
  const asked: string[] = [];
  const watchedAt: number[] = [];
  let listFailures: (readonly [status: number, reason: string])[] = [];
  let current = new AbortController();
  const transport: Transport = {
    send(request, timeout) {
      asked.push(`list ${request.query?.['continue'] === undefined ? '' : 'more'}`.trim());
      const [failure, ...rest] = listFailures;
      listFailures = rest;
      if (failure === undefined) return admin.send(request, timeout);
      return Promise.resolve({ status: failure[0], body: { kind: 'Status', reason: failure[1], message: failure[1] } });
    },
    watch(path, query, signal) {
      asked.push(`watch from ${query['resourceVersion'] ?? ''}`);
      watchedAt.push(clock.milliseconds());
      current = new AbortController();
      const either = AbortSignal.any([signal, current.signal]);
      const real = () => admin.watch(path, query, either);
      return watchFaults.shift()?.(real, either) ?? real();
    },
  };
  const seen: string[] = [];
  const notices: Notice[] = [];
  const stopping = new AbortController();
  const following = follow(
    {
      transport,
      clock,
      namespace: 'kubernaut-system',
      watched: { apiVersion: 'v1', kind: 'ConfigMap' },
      random: () => 1,
      changed: async (change, object) => void seen.push(`${change} ${object.metadata.name}`),
      noticed: (notice) => void notices.push(notice),
    },
    stopping.signal,
  );
  const send = async (method: 'POST' | 'DELETE', path: string, body?: object) => {
    const answer = await admin.send({ method, path: `/api/v1/${path}`, ...(body !== undefined && { body: body as never }) }, 1_000);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  };
  await send('POST', 'namespaces', { metadata: { name: 'kubernaut-system' } });
  const follower = {
    clock,
    asked,
    watchedAt,
    seen,
    watchFaults,
    make: (name: string) => send('POST', 'namespaces/kubernaut-system/configmaps', { metadata: { name } }),
    remove: (name: string) => send('DELETE', `namespaces/kubernaut-system/configmaps/${name}`),
    failLists: (...failures: typeof listFailures) => void (listFailures = failures),
    /** The connection of the present watch is closed in due form. */
    endWatch: () => current.abort(),
    elapse: async (seconds: number) => {
      const end = clock.milliseconds() + seconds * 1_000;
      void clock.sleep(seconds * 1_000);
      await clock.run(() => clock.milliseconds() >= end, { virtualSeconds: seconds + 1 });
    },
    settle: () => follower.elapse(0),
    reopened: () => notices.flatMap((notice) => (notice.kind === 'reopened' ? [notice.why] : [])),
    troubles: () => notices.flatMap((notice) => (notice.kind === 'trouble' ? [String(notice.error)] : [])),
    lives: () => notices.filter(({ kind }) => kind === 'alive').length,
    async stop() {
      stopping.abort();
      await following;
    },
  };
  await follower.elapse(61); // a bookmark came: it is a good watch
  return follower;
}

const gone = new ApiError({ status: 410, reason: 'Expired', message: 'too old resource version' });
const once = (next: () => Promise<IteratorResult<WatchEvent>>): AsyncIterable<WatchEvent> => ({ [Symbol.asyncIterator]: () => ({ next }) });
const throws =
  (error: Error): Fault =>
  () =>
    once(() => Promise.reject(error));
const says = (...events: readonly WatchEvent[]): Fault =>
  async function* () {
    yield* events;
  };
/** Passes on what the server says, then breaks. */
const breaksAfter = (count: number, error: unknown): Fault =>
  async function* (real) {
    let left = count;
    for await (const event of real()) {
      yield event;
      left -= 1;
      if (left === 0) throw error;
    }
  };
/** Nothing comes, not even a bookmark, until somebody gives up. */
const silent: Fault = (_real, signal) =>
  once(() => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true })));
const statusEvent = (code: number, reason: string): WatchEvent => ({ type: 'ERROR', object: { kind: 'Status', code, reason, message: reason } });

describe('following a collection', () => {
  it('tells what is there, then what changes', async () => {
    const follower = await aFollower();
    await follower.make('a');
    await follower.settle();
    await follower.remove('a');
    await follower.settle();
    expect(follower.seen).toEqual(['changed a', 'deleted a']);
    await follower.stop();
  });

  it('lists page by page', async () => {
    const follower = await aFollower();
    for (let index = 0; index < 120; index += 1) await follower.make(`c-${String(index).padStart(3, '0')}`);
    await follower.settle();
    follower.seen.length = 0;
    follower.asked.length = 0;
    follower.watchFaults.push(throws(gone));
    follower.endWatch();
    await follower.settle();
    expect(follower.asked.filter((request) => request.startsWith('list'))).toEqual(['list', 'list more', 'list more']);
    expect(follower.seen).toHaveLength(120);
    expect(new Set(follower.seen).size).toBe(120);
    await follower.stop();
  });

  it('resumes from the last version when the server ends the watch: nothing is lost, nothing told twice', async () => {
    const follower = await aFollower();
    await follower.make('a');
    await follower.settle();
    follower.endWatch();
    await follower.make('b');
    await follower.settle();
    await follower.make('c');
    await follower.settle();
    expect(follower.seen).toEqual(['changed a', 'changed b', 'changed c']);
    expect(follower.asked.filter((request) => request === 'list')).toHaveLength(1);
    expect(follower.reopened()).toEqual(['ended']);
    await follower.stop();
  });

  it('resumes from the last version when the watch breaks in the middle', async () => {
    const follower = await aFollower();
    follower.watchFaults.push(breaksAfter(2, new Error('socket hang up')));
    follower.endWatch();
    await follower.settle();
    for (const name of ['a', 'b', 'c']) await follower.make(name);
    await follower.elapse(2);
    expect(follower.seen).toEqual(['changed a', 'changed b', 'changed c']);
    expect(follower.troubles()).toEqual(['Error: socket hang up']);
    await follower.stop();
  });

  it.each<[sentence: string, fault: Fault]>([
    ['an answer', throws(gone)],
    ['an event', says(statusEvent(410, 'Expired'))],
  ])('lists anew when its version is too old, told by %s', async (_sentence, fault) => {
    const follower = await aFollower();
    await follower.make('a');
    await follower.settle();
    follower.watchFaults.push(fault);
    follower.endWatch();
    await follower.settle();
    expect(follower.seen).toEqual(['changed a', 'present a']);
    expect(follower.reopened()).toEqual(['ended', 'expired']);
    await follower.make('b');
    await follower.settle();
    expect(follower.seen.at(-1)).toBe('changed b');
    await follower.stop();
  });

  it('lists from the beginning when the pages of a list grow too old', async () => {
    const follower = await aFollower();
    for (let index = 0; index < 60; index += 1) await follower.make(`c-${index}`);
    await follower.settle();
    follower.seen.length = 0;
    follower.watchFaults.push(throws(gone));
    follower.failLists([410, 'Expired']);
    follower.endWatch();
    await follower.elapse(2);
    expect(new Set(follower.seen).size).toBe(60);
    await follower.stop();
  });

  it('does not list all the time when every version is too old', async () => {
    const follower = await aFollower();
    follower.watchFaults.push(...Array.from({ length: 50 }, () => throws(gone)));
    follower.endWatch();
    const before = follower.asked.length;
    await follower.elapse(60);
    // The first at once, then after 1, 2, 4, 8, 16 and 30 seconds.
    expect(follower.asked.slice(before).filter((request) => request === 'list')).toHaveLength(6);
    await follower.stop();
  });

  it('opens the watch anew after five minutes of nothing, not even a bookmark', async () => {
    const follower = await aFollower();
    follower.watchFaults.push(silent);
    follower.endWatch();
    await follower.elapse(299);
    await follower.make('a');
    expect(follower.reopened()).toEqual(['ended']);
    await follower.elapse(2);
    expect(follower.reopened()).toEqual(['ended', 'silent']);
    expect(follower.seen).toEqual(['changed a']);
    await follower.stop();
  });

  it('trusts a quiet watch that sends bookmarks, and moves on with their version', async () => {
    const follower = await aFollower();
    const [from] = follower.asked.filter((request) => request.startsWith('watch'));
    await follower.make('a');
    await follower.elapse(400);
    expect(follower.reopened()).toEqual([]);
    expect(follower.lives()).toBeGreaterThan(5);
    follower.watchFaults.push(says({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '4711' } } }), silent);
    follower.endWatch();
    await follower.settle();
    expect(follower.asked.at(-1)).toBe('watch from 4711');
    expect(follower.asked.at(-1)).not.toBe(from);
    expect(follower.seen).toEqual(['changed a']);
    await follower.stop();
  });

  it('waits longer and longer while the server is in trouble, and begins anew once it was well', async () => {
    const follower = await aFollower();
    const broken = throws(new Error('connect ECONNREFUSED'));
    follower.watchFaults.push(broken, broken, broken, broken);
    follower.endWatch();
    const begun = follower.clock.milliseconds();
    await follower.elapse(20);
    expect(follower.watchedAt.filter((at) => at >= begun).map((at) => (at - begun) / 1_000)).toEqual([0, 1, 3, 7, 15]);
    await follower.elapse(40);
    await follower.make('a');
    await follower.settle();
    follower.watchFaults.push(broken);
    follower.endWatch();
    await follower.elapse(1);
    await follower.make('b');
    await follower.elapse(1);
    expect(follower.seen.at(-1)).toBe('changed b');
    await follower.stop();
  });

  it('lists anew when a version brings nothing but trouble, as after a restore of the store', async () => {
    const follower = await aFollower();
    await follower.make('a');
    await follower.settle();
    const tooLarge = says(statusEvent(504, 'Timeout'));
    follower.watchFaults.push(tooLarge, tooLarge, tooLarge);
    follower.endWatch();
    await follower.elapse(30);
    expect(follower.asked.slice(-2)).toEqual(['list', expect.stringMatching(/^watch from/)]);
    expect(follower.seen).toEqual(['changed a', 'present a']);
    await follower.stop();
  });

  it('pauses when watches end as soon as they begin', async () => {
    const follower = await aFollower();
    follower.watchFaults.push(...Array.from({ length: 50 }, () => says()));
    follower.endWatch();
    const before = follower.asked.length;
    await follower.elapse(60);
    expect(follower.asked.length - before).toBeLessThan(20);
    await follower.stop();
  });

  it('tries a list again that failed', async () => {
    const follower = await aFollower();
    follower.failLists([500, 'InternalError'], [403, 'Forbidden']);
    follower.watchFaults.push(throws(gone));
    follower.endWatch();
    await follower.make('a');
    await follower.elapse(7);
    expect(follower.troubles()).toEqual([expect.stringContaining('InternalError'), expect.stringContaining('Forbidden')]);
    expect(follower.seen).toEqual(['present a']);
    await follower.stop();
  });

  it('ends while it waits, while it lists and while it watches', async () => {
    const watching = await aFollower();
    await watching.stop();
    const waiting = await aFollower();
    waiting.watchFaults.push(throws(new Error('away')));
    waiting.endWatch();
    await waiting.settle();
    await waiting.stop();
    expect(waiting.troubles()).toHaveLength(1);
  });
});
