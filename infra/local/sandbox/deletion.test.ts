import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { widgetDefinition, widgetGroup, widget, pod, job, configMap, ownedBy } from '../../../test/conformance/objects.ts';
import { client, named } from '../../../test/support/api-client.ts';
import { aWorld, type World } from '../../../test/support/sandbox.ts';

const inDefault = (plural: string, group = 'v1') => `${group === 'v1' ? '/api' : '/apis'}/${group}/namespaces/default/${plural}`;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Every change of these collections from the beginning, as `TYPE plural/name`, in the order of versions. */
async function history({ transport }: World, plurals: readonly string[]): Promise<readonly string[]> {
  const events: { readonly version: number; readonly line: string }[] = [];
  const ending = new AbortController();
  for (const plural of plurals) {
    void (async () => {
      for await (const { type, object } of transport.watch(`/api/v1/${plural}`, { resourceVersion: '104' }, ending.signal)) {
        const metadata = object['metadata'] as JsonObject;
        events.push({ version: Number(metadata['resourceVersion']), line: `${type} ${plural}/${String(metadata['name'] as string)}` });
      }
    })();
  }
  await turn();
  ending.abort();
  return events.toSorted((a, b) => a.version - b.version).map(({ line }) => line);
}

async function create(world: World, path: string, body: JsonObject): Promise<JsonObject> {
  const { body: created } = await client(world.transport).send('POST', path, body);
  return created as JsonObject;
}

describe('a Job', () => {
  it('that is deleted without a policy leaves its pods, which belong to nobody then', async () => {
    const world = aWorld();
    const { send } = client(world.transport);
    const owner = await create(world, inDefault('jobs', 'batch/v1'), job('careless'));
    await create(world, inDefault('pods'), pod('worker', { ownerReferences: [ownedBy(owner, { controller: true })] }));
    expect((await send('DELETE', inDefault('jobs/careless', 'batch/v1'))).body).toMatchObject({ metadata: { finalizers: ['orphan'] } });
    await turn();
    expect((await send('GET', inDefault('jobs/careless', 'batch/v1'))).status).toBe(404);
    expect((await send('GET', inDefault('pods/worker'))).body).not.toHaveProperty('metadata.ownerReferences');
  });

  it('takes its pods along when its namespace ends', async () => {
    const world = aWorld();
    const { send } = client(world.transport);
    await create(world, '/api/v1/namespaces', named('ending'));
    await create(world, '/apis/batch/v1/namespaces/ending/jobs', job('last'));
    await send('DELETE', '/api/v1/namespaces/ending');
    await turn();
    expect((await send('GET', '/api/v1/namespaces/ending')).status).toBe(404);
  });
});

describe('the garbage collector', () => {
  it('works in the order of commits, the same in every world', async () => {
    const story = async (): Promise<readonly string[]> => {
      const world = aWorld();
      const owner = await create(world, inDefault('configmaps'), configMap('owner'));
      for (const name of ['b', 'a']) await create(world, inDefault('configmaps'), configMap(name, {}, { ownerReferences: [ownedBy(owner)] }));
      await create(world, inDefault('secrets'), named('s', { metadata: { name: 's', ownerReferences: [ownedBy(owner)] } }));
      await client(world.transport).send('DELETE', inDefault('configmaps/owner'));
      await turn();
      return history(world, ['configmaps', 'secrets']);
    };
    const first = await story();
    expect(first).toEqual([
      'ADDED configmaps/owner',
      'ADDED configmaps/b',
      'ADDED configmaps/a',
      'ADDED secrets/s',
      'DELETED configmaps/owner',
      'DELETED configmaps/b',
      'DELETED configmaps/a',
      'DELETED secrets/s',
    ]);
    expect(await story()).toEqual(first);
  });

  it('takes an owner in another namespace for none', async () => {
    const world = aWorld();
    const owner = await create(world, '/api/v1/namespaces/kube-system/configmaps', configMap('far'));
    await create(world, inDefault('configmaps'), configMap('near', {}, { ownerReferences: [ownedBy(owner)] }));
    await turn();
    expect((await client(world.transport).send('GET', inDefault('configmaps/near'))).status).toBe(404);
  });

  it('takes another incarnation of the owner for none', async () => {
    const world = aWorld();
    const owner = await create(world, inDefault('configmaps'), configMap('reborn'));
    await client(world.transport).send('DELETE', inDefault('configmaps/reborn'));
    await create(world, inDefault('configmaps'), configMap('reborn'));
    await create(world, inDefault('configmaps'), configMap('late', {}, { ownerReferences: [ownedBy(owner)] }));
    await turn();
    expect((await client(world.transport).send('GET', inDefault('configmaps/late'))).status).toBe(404);
  });

  it('waits for the pod of a Job that is deleted in the foreground, which waits for its node', async () => {
    const world = aWorld();
    const { send } = client(world.transport);
    const owner = await create(world, inDefault('jobs', 'batch/v1'), job('working'));
    await create(
      world,
      inDefault('pods'),
      pod('worker', { ownerReferences: [ownedBy(owner, { blockOwnerDeletion: true, controller: true })] }, { nodeName: 'n1' }),
    );
    await send('DELETE', inDefault('jobs/working', 'batch/v1'), { propagationPolicy: 'Foreground' });
    await turn();
    expect((await send('GET', inDefault('pods/worker'))).body).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 30, deletionTimestamp: '2026-01-15T10:30:30Z' },
    });
    expect((await send('GET', inDefault('jobs/working', 'batch/v1'))).status).toBe(200);
    await send('DELETE', inDefault('pods/worker'), { gracePeriodSeconds: 0 });
    await turn();
    expect((await send('GET', inDefault('jobs/working', 'batch/v1'))).status).toBe(404);
  });
});

describe('a pod under deletion', () => {
  it('that has ended is gone at once', async () => {
    const world = aWorld();
    const { send, patch } = client(world.transport);
    await create(world, inDefault('pods'), pod('ended', {}, { nodeName: 'n1' }));
    await patch('merge', inDefault('pods/ended/status'), { status: { phase: 'Succeeded' } });
    expect(await send('DELETE', inDefault('pods/ended'))).toMatchObject({ status: 200, body: { kind: 'Pod' } });
    expect((await send('GET', inDefault('pods/ended'))).status).toBe(404);
  });

  it('keeps to its own grace period, counts a new generation, and may be hastened but not delayed', async () => {
    const world = aWorld();
    const { send } = client(world.transport);
    await create(world, inDefault('pods'), pod('slow', {}, { nodeName: 'n1', terminationGracePeriodSeconds: 120 }));
    expect((await send('DELETE', inDefault('pods/slow'))).body).toMatchObject({
      metadata: { generation: 2, deletionGracePeriodSeconds: 120, deletionTimestamp: '2026-01-15T10:32:00Z' },
    });
    expect((await send('DELETE', inDefault('pods/slow'), { gracePeriodSeconds: 10 })).body).toMatchObject({
      metadata: { generation: 2, deletionGracePeriodSeconds: 10, deletionTimestamp: '2026-01-15T10:30:10Z' },
    });
    expect((await send('DELETE', inDefault('pods/slow'))).body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 10 } });
  });

  it('with a finalizer outlasts its node', async () => {
    const world = aWorld();
    const { send, patch } = client(world.transport);
    await create(world, inDefault('pods'), pod('held', { finalizers: ['example.com/x'] }, { nodeName: 'n1' }));
    await send('DELETE', inDefault('pods/held'), { gracePeriodSeconds: 0 });
    expect((await send('GET', inDefault('pods/held'))).body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 } });
    await patch('merge', inDefault('pods/held'), { metadata: { finalizers: [] } });
    expect((await send('GET', inDefault('pods/held'))).status).toBe(404);
  });
});

describe('what takes others along', () => {
  it('a namespace empties itself, takes nothing new, and goes last', async () => {
    const world = aWorld();
    const { send, patch } = client(world.transport);
    await create(world, '/api/v1/namespaces', named('ending'));
    await create(world, '/api/v1/namespaces/ending/configmaps', configMap('plain'));
    await create(world, '/api/v1/namespaces/ending/configmaps', configMap('held', {}, { finalizers: ['example.com/x'] }));
    expect((await send('DELETE', '/api/v1/namespaces/ending')).body).toMatchObject({ status: { phase: 'Terminating' } });
    await turn();
    expect((await send('GET', '/api/v1/namespaces/ending/configmaps')).body).toMatchObject({ items: [{ metadata: { name: 'held' } }] });
    expect(await send('POST', '/api/v1/namespaces/ending/configmaps', configMap('new'))).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('because it is being terminated') as string },
    });
    await patch('merge', '/api/v1/namespaces/ending/configmaps/held', { metadata: { finalizers: null } });
    await turn();
    expect((await send('GET', '/api/v1/namespaces/ending')).status).toBe(404);
  });

  it('a definition takes its objects and its paths along', async () => {
    const world = aWorld();
    const { send } = client(world.transport);
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await create(world, definitions, widgetDefinition);
    await create(world, inDefault('widgets', widgetGroup), widget('one'));
    await send('DELETE', `${definitions}/widgets.conformance.example`);
    expect((await send('GET', inDefault('widgets', widgetGroup))).status).toBe(404);
    await create(world, definitions, widgetDefinition);
    expect((await send('GET', inDefault('widgets', widgetGroup))).body).toMatchObject({ items: [] });
  });
});
