import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Transport, WatchEvent } from '../../../shared/kubernetes/request.ts';
import { client, named, take } from '../../../test/support/api-client.ts';
import { aWorld, extensionsForTests } from '../../../test/support/sandbox.ts';
import { administrator } from './sandbox.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

function told(events: readonly WatchEvent[]): readonly string[] {
  return events.map(({ type, object }) => `${type} ${(object as KubernetesObject).metadata.name}`);
}

/** Reads a watch to its end, without holding up the test. */
function collect(transport: Transport, query: Readonly<Record<string, string>>, signal = new AbortController().signal) {
  const events: WatchEvent[] = [];
  const ended = (async () => {
    for await (const event of transport.watch(configMaps, query, signal)) events.push(event);
  })();
  return { events, ended };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a watch', () => {
  it('sees what was committed after it was opened, however late it is read', async () => {
    const { sandbox, transport } = aWorld();
    const opened = await sandbox.watch({ method: 'GET', path: configMaps, user: administrator }, new AbortController().signal);
    if (!(Symbol.asyncIterator in opened)) throw new Error('the watch was refused');
    await client(transport).send('POST', configMaps, named('late'));
    expect(told(await take(opened, 1))).toEqual(['ADDED late']);
  });

  it('delivers in the order of commits to every watcher', async () => {
    const { transport } = aWorld();
    const { send, patch } = client(transport);
    const watchers = [collect(transport, { resourceVersion: '104' }), collect(transport, {})];
    await Promise.all([
      send('POST', configMaps, named('a')),
      send('POST', configMaps, named('b')),
      patch('merge', `${configMaps}/a`, { data: { x: '1' } }),
      send('DELETE', `${configMaps}/b`),
    ]);
    await turn();
    const order = ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'];
    expect(watchers.map(({ events }) => told(events))).toEqual([order, order]);
  });

  it('resumes within the window, and expires past it', async () => {
    const { transport } = aWorld({ watchWindowEvents: 3 });
    const { send } = client(transport);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await send('POST', configMaps, named(name)); // 105 to 109
    expect(told(await take(transport.watch(configMaps, { resourceVersion: '106' }, new AbortController().signal), 3))).toEqual([
      'ADDED c',
      'ADDED d',
      'ADDED e',
    ]);
    const expired = collect(transport, { resourceVersion: '105' });
    await expired.ended;
    expect(expired.events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version: 105 (109)' } }]);
  });

  it('keeps a window for each resource: a busy one does not expire a quiet one', async () => {
    const { transport } = aWorld({ watchWindowEvents: 2 });
    const { send } = client(transport);
    await send('POST', configMaps, named('quiet'));
    for (const name of ['a', 'b', 'c']) await send('POST', '/api/v1/namespaces/default/secrets', named(name));
    expect(told(await take(transport.watch(configMaps, { resourceVersion: '104' }, new AbortController().signal), 1))).toEqual(['ADDED quiet']);
  });

  it('from a version that is yet to come waits for it', async () => {
    const { transport } = aWorld();
    const { send } = client(transport);
    const ahead = collect(transport, { resourceVersion: '106' });
    for (const name of ['a', 'b', 'c']) await send('POST', configMaps, named(name));
    await turn();
    expect(told(ahead.events)).toEqual(['ADDED c']);
  });

  it('cannot give the state of a version that is yet to come', async () => {
    const query = { resourceVersion: '9999', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
    const { events, ended } = collect(aWorld().transport, query);
    await ended;
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 504, details: { retryAfterSeconds: 1 } } }]);
  });

  it.each([
    [{ resourceVersion: 'x' }, 500, 'invalid syntax'],
    [{ timeoutSeconds: 'x' }, 400, 'invalid syntax'],
    [{ sendInitialEvents: 'true' }, 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    [{ resourceVersionMatch: 'NotOlderThan' }, 422, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
  ] as const)('refuses %o', async (query, status, words) => {
    const opened = take(aWorld().transport.watch(configMaps, query, new AbortController().signal), 1);
    await expect(opened).rejects.toMatchObject({ status, message: expect.stringContaining(words) as string });
  });

  it('is of a collection that exists', async () => {
    const { transport } = aWorld();
    const open = (path: string) => take(transport.watch(path, {}, new AbortController().signal), 1);
    await expect(open(`${configMaps}/one`)).rejects.toMatchObject({ status: 400, message: expect.stringContaining('fieldSelector=metadata.name') as string });
    await expect(open('/apis/nothing.example/v1/things')).rejects.toMatchObject({ status: 404 });
  });
});

describe('the end of a watch', () => {
  it('comes after timeoutSeconds of the clock', async () => {
    const { transport, clock } = aWorld();
    const { ended } = collect(transport, { timeoutSeconds: '90' });
    let over = false;
    void ended.then(() => (over = true));
    await clock.run(() => over, { virtualSeconds: 100 });
    expect(clock.now()).toBe('2026-01-15T10:31:30Z');
  });

  it('comes when the server closes, after what is pending', async () => {
    const { sandbox, transport } = aWorld();
    const { events, ended } = collect(transport, {});
    await client(transport).send('POST', configMaps, named('last'));
    sandbox.close();
    await ended;
    expect(told(events)).toEqual(['ADDED last']);
  });

  it('comes at once when the client aborts, and delivers nothing more', async () => {
    const { sandbox, transport } = aWorld();
    const ending = new AbortController();
    const opened = await sandbox.watch({ method: 'GET', path: configMaps, user: administrator }, ending.signal);
    if (!(Symbol.asyncIterator in opened)) throw new Error('the watch was refused');
    await client(transport).send('POST', configMaps, named('unseen'));
    ending.abort();
    expect(await take(opened, 1)).toEqual([]);
    expect(await take(transport.watch(configMaps, {}, ending.signal), 1)).toEqual([]);
  });

  it('leaves no timer behind', async () => {
    const { transport, clock } = aWorld();
    await client(transport).send('POST', configMaps, named('a'));
    await take(transport.watch(configMaps, { allowWatchBookmarks: 'true', timeoutSeconds: '600' }, new AbortController().signal), 1);
    await expect(clock.run(() => false, { virtualSeconds: 3_600 })).rejects.toThrow('nobody sleeps');
  });

  it('comes for a client that lags too far behind', async () => {
    const { sandbox, transport } = aWorld({ watchWindowEvents: 1 });
    const { send, patch } = client(transport);
    const opened = await sandbox.watch({ method: 'GET', path: configMaps, user: administrator }, new AbortController().signal);
    if (!(Symbol.asyncIterator in opened)) throw new Error('the watch was refused');
    await send('POST', configMaps, named('busy'));
    for (let count = 0; count < 17_000; count += 1) await patch('merge', `${configMaps}/busy`, { data: { count: String(count) } });
    expect(await take(opened, 20_000)).toHaveLength(16_384);
  });
});

describe('bookmarks', () => {
  it('come every minute, with the version of everything so far', async () => {
    const { transport, clock } = aWorld();
    const { events } = collect(transport, { allowWatchBookmarks: 'true', resourceVersion: '104' });
    await client(transport).send('POST', '/api/v1/namespaces/default/secrets', named('elsewhere'));
    await clock.run(() => events.length === 2, { virtualSeconds: 200 });
    expect(clock.now()).toBe('2026-01-15T10:32:00Z');
    expect(events).toMatchObject([
      { type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '105' } } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '105' } } },
    ]);
  });

  it('sleep on the server, not within the work that opened the watch', async () => {
    const { transport, clock } = aWorld();
    let done = false;
    void clock.track(async () => {
      const { events } = collect(transport, { allowWatchBookmarks: 'true' });
      await turn();
      await client(transport).send('POST', configMaps, named('quick'));
      done = true;
      return events;
    });
    await clock.run(() => done, { virtualSeconds: 10 });
    expect(clock.now()).toBe('2026-01-15T10:30:00Z');
  });

  it('are not sent to who did not ask', async () => {
    const { transport, clock } = aWorld();
    const { events, ended } = collect(transport, { timeoutSeconds: '300', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' });
    let over = false;
    void ended.then(() => (over = true));
    await clock.run(() => over, { virtualSeconds: 400 });
    expect(events).toEqual([]);
  });
});

it('events are Tables for who asks for Tables', async () => {
  const tables = {
    wanted: (accept: string | undefined) => accept === 'table',
    render: (_type: unknown, objects: readonly KubernetesObject[]) => ({ kind: 'Table', rows: objects.map(({ metadata }) => metadata.name) }),
  };
  const { sandbox, transport } = aWorld({ extensions: { ...extensionsForTests, tables } });
  await client(transport).send('POST', configMaps, named('row'));
  const opened = await sandbox.watch({ method: 'GET', path: configMaps, accept: 'table', user: administrator }, new AbortController().signal);
  if (!(Symbol.asyncIterator in opened)) throw new Error('the watch was refused');
  expect(await take(opened, 1)).toEqual([{ type: 'ADDED', object: { kind: 'Table', rows: ['row'] } }]);
  const listed = await sandbox.serve({ method: 'GET', path: configMaps, accept: 'table', user: administrator });
  const read = await sandbox.serve({ method: 'GET', path: `${configMaps}/row`, accept: 'table', user: administrator });
  expect([listed.body, read.body]).toEqual([
    { kind: 'Table', rows: ['row'] },
    { kind: 'Table', rows: ['row'] },
  ]);
});
