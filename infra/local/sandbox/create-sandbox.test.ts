import { describe, expect, it } from 'vitest';
import { client, named, take } from '../../../test/support/api-client.ts';
import { aWorld } from '../../../test/support/sandbox.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('the sandbox', () => {
  it('creates, reads, lists, patches and deletes an object', async () => {
    const { transport } = aWorld();
    const { send, patch } = client(transport);
    const created = await send('POST', configMaps, named('a', { data: { x: '1' } }));
    expect(created).toMatchObject({
      status: 201,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default', resourceVersion: '105' } },
    });
    expect((await send('GET', `${configMaps}/a`)).body).toEqual(created.body);
    expect((await patch('merge', `${configMaps}/a`, { data: { y: '2' } })).body).toMatchObject({
      data: { x: '1', y: '2' },
      metadata: { resourceVersion: '106' },
    });
    expect((await send('GET', configMaps)).body).toMatchObject({ kind: 'ConfigMapList', metadata: { resourceVersion: '106' }, items: [{ data: { y: '2' } }] });
    expect((await send('DELETE', `${configMaps}/a`)).body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect(await send('GET', `${configMaps}/a`)).toMatchObject({ status: 404, body: { reason: 'NotFound', message: 'configmaps "a" not found' } });
  });

  it('watches from a resourceVersion', async () => {
    const { transport } = aWorld();
    const { send } = client(transport);
    await send('POST', configMaps, named('a'));
    await send('POST', configMaps, named('b'));
    await send('DELETE', `${configMaps}/a`);
    const events = await take(transport.watch(configMaps, { resourceVersion: '105' }, new AbortController().signal), 2);
    expect(events.map(({ type, object }) => [type, object['metadata']])).toMatchObject([
      ['ADDED', { name: 'b', resourceVersion: '106' }],
      ['DELETED', { name: 'a', resourceVersion: '107' }],
    ]);
  });
});
