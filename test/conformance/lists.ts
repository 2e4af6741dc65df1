import { beforeAll, describe, expect, it } from 'vitest';
import { configMap, pod, widget, widgetGroup } from './objects.ts';
import { itemNames, metadataOf, objectAt, type Subject } from './subject.ts';

export function lists(subject: () => Subject): void {
  const list = async (query: Readonly<Record<string, string>>, plural = 'configmaps', groupVersion?: string) => {
    const { send, path } = subject();
    return send('GET', path(plural, groupVersion), undefined, query);
  };

  beforeAll(async () => {
    const { send, path } = subject();
    for (const [name, labels] of Object.entries(labelled))
      await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite: 'lists', ...labels } }));
  });
  const labelled = { 'page-a': { tier: 'web' }, 'page-b': { tier: 'web', canary: '' }, 'page-c': { tier: 'db' }, 'page-d': {} };

  describe('a page', () => {
    it('holds as many as were asked for, and says how to go on', async () => {
      const first = await list({ labelSelector: 'suite=lists', limit: '3' });
      expect(itemNames(first)).toEqual(['page-a', 'page-b', 'page-c']);
      const next = String(metadataOf(first)['continue'] as string);
      const last = await list({ labelSelector: 'suite=lists', limit: '3', continue: next });
      expect(itemNames(last)).toEqual(['page-d']);
      expect(metadataOf(last)).not.toHaveProperty('continue');
      expect(metadataOf(last)).toMatchObject({ resourceVersion: metadataOf(first)['resourceVersion'] });
    });

    it('says how many are left, where nothing was selected', async () => {
      const { send, path } = subject();
      for (const name of ['s1', 's2', 's3']) await send('POST', path('secrets'), { metadata: { name } });
      expect(metadataOf(await list({ limit: '2' }, 'secrets'))).toMatchObject({ remainingItemCount: 1 });
      expect(metadataOf(await list({ limit: '2', labelSelector: '!nothing' }, 'secrets'))).not.toHaveProperty('remainingItemCount');
    });

    it('of everything is what 0 and less ask for', async () => {
      for (const limit of ['0', '-1']) expect(itemNames(await list({ labelSelector: 'suite=lists', limit }))).toHaveLength(4);
    });

    it('of a custom resource says that it is the last one with an empty continue', async () => {
      const { send, path } = subject();
      await send('POST', path('widgets', widgetGroup), widget('paged'));
      expect(metadataOf(await list({}, 'widgets', widgetGroup))).toMatchObject({ continue: '' });
    });
  });

  it.each([
    [{ limit: 'many' }, 400],
    [{ limit: '2', continue: 'from-here' }, 400],
    [{ labelSelector: 'a in b' }, 400],
    [{ labelSelector: 'a=b c' }, 400],
    [{ fieldSelector: 'metadata.name' }, 400],
    [{ resourceVersion: 'latest' }, 400],
    [{ resourceVersionMatch: 'NotOlderThan' }, 422],
    [{ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422],
    [{ sendInitialEvents: 'true' }, 422],
  ])('refuses %o', async (query, code) => {
    expect(await list(query)).toMatchObject({ status: code, body: { kind: 'Status', status: 'Failure', code } });
  });

  it.each([
    ['canary', ['page-b']],
    ['!tier', ['page-d']],
    ['tier', ['page-a', 'page-b', 'page-c']],
    ['tier in (web,db),!canary', ['page-a', 'page-c']],
    ['tier notin (web)', ['page-c', 'page-d']],
    ['tier!=web', ['page-c', 'page-d']],
    ['tier==db', ['page-c']],
    ['canary=', ['page-b']],
  ])('selects by %s', async (selector, names) => {
    expect(itemNames(await list({ labelSelector: `suite=lists,${selector}` }))).toEqual(names);
  });

  it.each([
    ['metadata.name=page-a', ['page-a']],
    ['metadata.name!=page-a', ['page-b', 'page-c', 'page-d']],
    ['metadata.name==page-a,metadata.name=page-b', []],
  ])('selects by the field %s', async (fieldSelector, names) => {
    expect(itemNames(await list({ labelSelector: 'suite=lists', fieldSelector }))).toEqual(names);
  });

  it('selects pods by what they run as and how they restart', async () => {
    const { send, path } = subject();
    await send('POST', path('pods'), pod('once', { labels: { suite: 'fields' } }, { restartPolicy: 'Never', schedulerName: 'nobody' }));
    await send('POST', path('pods'), pod('always', { labels: { suite: 'fields' } }, { schedulerName: 'nobody' }));
    const select = async (fieldSelector: string) => itemNames(await list({ labelSelector: 'suite=fields', fieldSelector }, 'pods'));
    expect(await select('spec.restartPolicy=Never')).toEqual(['once']);
    expect(await select('spec.serviceAccountName=default,spec.nodeName=')).toEqual(['always', 'once']);
    expect(await select('status.phase!=Pending')).toEqual([]);
  });

  it('spans all namespaces where the path names none', async () => {
    const { send, namespace } = subject();
    const answer = await send('GET', '/api/v1/configmaps', undefined, { labelSelector: 'suite=lists', fieldSelector: `metadata.namespace=${namespace}` });
    expect(itemNames(answer)).toEqual(['page-a', 'page-b', 'page-c', 'page-d']);
    expect(itemNames(await send('GET', '/api/v1/namespaces', undefined, { fieldSelector: `metadata.name=${namespace}` }))).toEqual([namespace]);
  });

  it('asks for patience when it may not be older than a version that is yet to come', async () => {
    const { resourceVersion } = metadataOf(await list({}));
    const answer = await list({ resourceVersion: String(Number(resourceVersion) + 1_000_000) });
    expect(answer).toMatchObject({
      status: 504,
      retryAfterSeconds: 1,
      body: { reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    });
    expect((await list({ resourceVersion: '0' })).status).toBe(200);
    expect((await list({ resourceVersion: '1', resourceVersionMatch: 'NotOlderThan' })).status).toBe(200);
  });

  it('has its kind for itself, and the kind of no item that is built in', async () => {
    const answer = await list({ labelSelector: 'suite=lists' });
    expect(answer.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(objectAt({ first: firstOf(answer.body) }, 'first')).not.toHaveProperty('kind');
    expect((await list({ labelSelector: 'suite=nothing' })).body).toMatchObject({ items: [] });
  });
}

function firstOf(body: unknown): never {
  const { items } = body as { readonly items: readonly unknown[] };
  return items[0] as never;
}
