import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../shared/kubernetes/request.ts';
import { configMap, pod, widget, widgetGroup } from './objects.ts';
import { metadataOf, objectAt, told, type Subject } from './subject.ts';

const streaming = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
const brief = { timeoutSeconds: '1' };

/** How a watch may begin, and how it ends. */
export function watchStarts(subject: () => Subject): void {
  const versionNow = async (): Promise<string> => {
    const { send, path } = subject();
    return String(metadataOf(await send('GET', path('configmaps'), undefined, { limit: '1' }))['resourceVersion'] as string);
  };
  /** Everything that a watch of a second tells; throws what it is refused with. */
  const overheard = async (query: Readonly<Record<string, string>>, plural = 'configmaps', groupVersion?: string): Promise<readonly WatchEvent[]> => {
    const { watchedToEnd, elapse, path } = subject();
    const [events] = await Promise.all([watchedToEnd(path(plural, groupVersion), { ...brief, ...query }), elapse(1.2)]);
    return events;
  };
  const made = async (names: readonly string[], suite: string): Promise<void> => {
    const { send, path } = subject();
    for (const name of names) await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite } }));
  };
  const marksTheEnd = { type: 'BOOKMARK', object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } };

  it('from 0 begins with what is there, from any moment that the server likes', async () => {
    await made(['zero'], 'from-zero');
    expect(told(await overheard({ resourceVersion: '0', labelSelector: 'suite=from-zero' }))).toEqual(['ADDED zero']);
  });

  it('without bookmarks marks no end of what is there', async () => {
    await made(['plain'], 'unmarked');
    expect(told(await overheard({ labelSelector: 'suite=unmarked' }))).toEqual(['ADDED plain']);
  });

  it('with bookmarks marks the end of what is there, asked for initial events or not', async () => {
    await made(['marked'], 'marked');
    for (const query of [{ allowWatchBookmarks: 'true' }, streaming]) {
      const events = await overheard({ ...query, labelSelector: 'suite=marked' });
      expect(events).toMatchObject([{ type: 'ADDED' }, marksTheEnd]);
      expect(Object.keys(objectAt(events[1]?.object, 'metadata')).toSorted()).toEqual(['annotations', 'resourceVersion']);
    }
  });

  it('of nothing marks the end at once', async () => {
    expect(await overheard({ ...streaming, labelSelector: 'suite=nobody' })).toMatchObject([marksTheEnd]);
  });

  it('of a custom resource marks the end in its own kind', async () => {
    const { send, path } = subject();
    await send('POST', path('widgets', widgetGroup), widget('streamed'));
    const events = await overheard({ ...streaming, fieldSelector: 'metadata.name=streamed' }, 'widgets', widgetGroup);
    expect(events).toMatchObject([
      { type: 'ADDED', object: { kind: 'Widget' } },
      { ...marksTheEnd, object: { kind: 'Widget', apiVersion: widgetGroup } },
    ]);
  });

  it('goes on after the mark', async () => {
    const { watched, send, path } = subject();
    const [events] = await Promise.all([
      watched(path('configmaps'), { ...streaming, labelSelector: 'suite=after-mark' }, 2),
      send('POST', path('configmaps'), configMap('late', {}, { labels: { suite: 'after-mark' } })),
    ]);
    expect(events.map(({ type }) => type).toSorted()).toEqual(['ADDED', 'BOOKMARK']);
  });

  it('that wants no initial events tells only what is new', async () => {
    await made(['old'], 'news');
    const { sendInitialEvents: _all, ...query } = streaming;
    expect(await overheard({ ...query, sendInitialEvents: 'false', labelSelector: 'suite=news' })).toEqual([]);
  });

  it.each([
    [{ sendInitialEvents: 'true' }, 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    [{ sendInitialEvents: 'true', resourceVersionMatch: 'Exact' }, 422, 'Unsupported value: "Exact": supported values: "NotOlderThan"'],
    [{ resourceVersionMatch: 'NotOlderThan' }, 422, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
    [{ resourceVersion: 'latest' }, 500, 'invalid syntax'],
    [{ timeoutSeconds: 'soon' }, 400, 'invalid syntax'],
    [{ labelSelector: 'a in b' }, 400, 'unable to parse requirement'],
    [{ fieldSelector: 'data.a=1' }, 400, 'data.a'],
  ])('is refused with %o', async (query, status, words) => {
    const { watchedToEnd, path } = subject();
    await expect(watchedToEnd(path('configmaps'), { ...brief, ...query })).rejects.toMatchObject({ status, message: expect.stringContaining(words) as string });
  });

  it('of what is not served is not found', async () => {
    const { watchedToEnd, path } = subject();
    for (const at of [path('nothings'), '/apis/nothing.example/v1/things']) await expect(watchedToEnd(at, brief)).rejects.toMatchObject({ status: 404 });
  });

  it('of a namespace that is not there waits in silence', async () => {
    const { watchedToEnd, elapse } = subject();
    const [events] = await Promise.all([watchedToEnd('/api/v1/namespaces/nowhere/configmaps', brief), elapse(1.2)]);
    expect(events).toEqual([]);
  });

  it('ends when its time is over, without an error', async () => {
    expect(await overheard({ resourceVersion: await versionNow() })).toEqual([]);
  });

  it('from a version that is yet to come waits for it', async () => {
    const ahead = String(Number(await versionNow()) + 1_000_000);
    expect(await overheard({ resourceVersion: ahead })).toEqual([]);
  });

  describe('a selection', () => {
    it('by a field follows one object alone', async () => {
      const { send, path, watched } = subject();
      const resourceVersion = await versionNow();
      await made(['followed', 'ignored'], 'one');
      await send('DELETE', path('configmaps/ignored'));
      await send('DELETE', path('configmaps/followed'));
      expect(told(await watched(path('configmaps'), { resourceVersion, fieldSelector: 'metadata.name=followed' }, 2))).toEqual([
        'ADDED followed',
        'DELETED followed',
      ]);
    });

    it('by a field that changes is entered and left', async () => {
      const { send, patch, path, watched } = subject();
      const { resourceVersion } = metadataOf(await send('GET', path('pods')));
      await send('POST', path('pods'), pod('phased', {}, { schedulerName: 'nobody' }));
      await patch('merge', path('pods/phased/status'), { status: { phase: 'Running' } });
      await patch('merge', path('pods/phased/status'), { status: { phase: 'Failed' } });
      const query = { resourceVersion: String(resourceVersion as string), fieldSelector: 'status.phase=Running,metadata.name=phased' };
      expect(told(await watched(path('pods'), query, 2))).toEqual(['ADDED phased', 'DELETED phased']);
    });

    it('of all namespaces tells of ours too', async () => {
      const { namespace, watched } = subject();
      const resourceVersion = await versionNow();
      await made(['far-seen'], 'everywhere');
      const [event] = await watched('/api/v1/configmaps', { resourceVersion, labelSelector: 'suite=everywhere' }, 1);
      expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'far-seen', namespace } } });
    });
  });

  it('tells a deletion that waits as a change, and its end with a version of its own', async () => {
    const { send, patch, path, watched } = subject();
    const resourceVersion = await versionNow();
    await send('POST', path('configmaps'), configMap('lingering', {}, { finalizers: ['example.com/held'] }));
    await send('DELETE', path('configmaps/lingering'));
    await patch('merge', path('configmaps/lingering'), { metadata: { finalizers: null } });
    const events = await watched(path('configmaps'), { resourceVersion, fieldSelector: 'metadata.name=lingering' }, 3);
    expect(told(events)).toEqual(['ADDED lingering', 'MODIFIED lingering', 'DELETED lingering']);
    expect(events[1]).toMatchObject({ object: { metadata: { deletionTimestamp: expect.any(String) as string } } });
    const versions = events.map(({ object }) => Number(objectAt(object, 'metadata')['resourceVersion']));
    expect(new Set(versions).size).toBe(3);
  });

  it('says the kind of every object that it tells of', async () => {
    const resourceVersion = await versionNow();
    await made(['kinded'], 'kinds');
    const [event] = await subject().watched(subject().path('configmaps'), { resourceVersion, labelSelector: 'suite=kinds' }, 1);
    expect(event).toMatchObject({ object: { kind: 'ConfigMap', apiVersion: 'v1' } });
  });

  it('resumes from a bookmark', async () => {
    const { watched, path } = subject();
    const events = await overheard({ ...streaming, labelSelector: 'suite=resumed' });
    const version = String(objectAt(events.at(-1)?.object, 'metadata')['resourceVersion'] as string);
    await made(['after-bookmark'], 'resumed');
    expect(told(await watched(path('configmaps'), { resourceVersion: version, labelSelector: 'suite=resumed' }, 1))).toEqual(['ADDED after-bookmark']);
  });
}
