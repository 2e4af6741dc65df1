import { expect, it } from 'vitest';
import { configMap, widgetGroup } from './objects.ts';
import { metadataOf, objectAt, told, type Subject } from './subject.ts';

export function watches(subject: () => Subject): void {
  /** The version from which a watch sees what comes next. */
  const versionNow = async (): Promise<string> => {
    const { send, path } = subject();
    return String(metadataOf(await send('GET', path('configmaps')))['resourceVersion'] as string);
  };

  it('tells every change after a version, in order, with the version of each', async () => {
    const { send, patch, path, watched } = subject();
    const resourceVersion = await versionNow();
    await send('POST', path('configmaps'), configMap('seen'));
    await patch('merge', path('configmaps/seen'), { data: { a: '1' } });
    await patch('merge', path('configmaps/seen'), { data: { a: '1' } });
    await send('DELETE', path('configmaps/seen'));
    const events = await watched(path('configmaps'), { resourceVersion, fieldSelector: 'metadata.name=seen' }, 3);
    expect(told(events)).toEqual(['ADDED seen', 'MODIFIED seen', 'DELETED seen']);
    const versions = events.map(({ object }) => Number(objectAt(object, 'metadata')['resourceVersion']));
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(events[2]?.object).toMatchObject({ data: { a: '1' } });
  });

  it('resumes where another watch ended', async () => {
    const { send, path, watched } = subject();
    const resourceVersion = await versionNow();
    for (const name of ['resumed-1', 'resumed-2', 'resumed-3']) await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite: 'resume' } }));
    const [first] = await watched(path('configmaps'), { resourceVersion, labelSelector: 'suite=resume' }, 1);
    const last = String(objectAt(first?.object, 'metadata')['resourceVersion'] as string);
    expect(told(await watched(path('configmaps'), { resourceVersion: last, labelSelector: 'suite=resume' }, 2))).toEqual([
      'ADDED resumed-2',
      'ADDED resumed-3',
    ]);
  });

  it('begins with what is there when no version is given', async () => {
    const { send, path, watched } = subject();
    for (const name of ['there-b', 'there-a']) await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite: 'there' } }));
    expect([...told(await watched(path('configmaps'), { labelSelector: 'suite=there' }, 2))].toSorted()).toEqual(['ADDED there-a', 'ADDED there-b']);
  });

  it('tells what enters and what leaves its selection', async () => {
    const { send, patch, path, watched } = subject();
    const resourceVersion = await versionNow();
    await send('POST', path('configmaps'), configMap('moving'));
    await patch('merge', path('configmaps/moving'), { metadata: { labels: { suite: 'selected' } } });
    await patch('merge', path('configmaps/moving'), { data: { a: '1' } });
    await patch('merge', path('configmaps/moving'), { metadata: { labels: { suite: 'other' } } });
    await send('DELETE', path('configmaps/moving'));
    await send('POST', path('configmaps'), configMap('marker', {}, { labels: { suite: 'selected' } }));
    const events = await watched(path('configmaps'), { resourceVersion, labelSelector: 'suite=selected' }, 4);
    expect(told(events)).toEqual(['ADDED moving', 'MODIFIED moving', 'DELETED moving', 'ADDED marker']);
  });

  it('marks the end of the initial events when it is asked to', async () => {
    const { send, path, watched } = subject();
    for (const name of ['initial-a', 'initial-b']) await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite: 'initial' } }));
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true', labelSelector: 'suite=initial' };
    const events = await watched(path('configmaps'), query, 3);
    expect([...told(events.slice(0, 2))].toSorted()).toEqual(['ADDED initial-a', 'ADDED initial-b']);
    expect(events[2]).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } });
  });

  it('ends in an ERROR with 410 for a version from before what the server remembers of a kind, from where one lists anew', async () => {
    const { path, watched } = subject();
    const [event] = await watched(path('widgets', widgetGroup), { resourceVersion: '1' }, 1); // the definition itself is younger
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: expect.stringMatching(/^(Expired|Gone)$/) as string } });
  });
}
