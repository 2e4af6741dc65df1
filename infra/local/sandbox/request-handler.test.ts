import { describe, expect, it } from 'vitest';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { client, named, take } from '../../../test/support/api-client.ts';
import { aRole, aRoleBinding, aServiceAccountUser } from '../../../test/support/rbac.ts';
import { aWorld, extensionsForTests, type World } from '../../../test/support/sandbox.ts';
import type { Extensions } from './extension.ts';
import { administrator, type SandboxRequest } from './sandbox.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const reader = aServiceAccountUser('reader', 'default');

async function withReader(world: World): Promise<World> {
  const { send } = client(world.transport);
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  await send(
    'POST',
    `${rbac}/roles`,
    aRole('read', 'default', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }]) as object as ReturnType<typeof named>,
  );
  const subject = { kind: 'ServiceAccount', name: 'reader', namespace: 'default' };
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read' };
  await send('POST', `${rbac}/rolebindings`, aRoleBinding('read', 'default', role, [subject]) as object as ReturnType<typeof named>);
  return world;
}

describe('authorization', () => {
  it('comes before everything else: a stranger learns nothing of what exists', async () => {
    const { sandbox } = await withReader(aWorld());
    const { send } = client(sandbox.transport(reader));
    expect((await send('GET', configMaps)).status).toBe(200);
    const answer = await send('DELETE', `${configMaps}/absent`);
    const message =
      'configmaps "absent" is forbidden: User "system:serviceaccount:default:reader" cannot delete resource "configmaps" in API group "" in the namespace "default"';
    expect(answer).toMatchObject({ status: 403, body: { reason: 'Forbidden', message, details: { name: 'absent', kind: 'configmaps' } } });
    expect((await send('GET', '/apis/nothing.example/v1/things')).status).toBe(403);
    expect((await send('GET', '/nothing')).body).toMatchObject({
      message: 'forbidden: User "system:serviceaccount:default:reader" cannot get path "/nothing"',
    });
  });

  it('holds for watches', async () => {
    const { sandbox } = await withReader(aWorld());
    const watching = take(sandbox.transport(reader).watch(configMaps, {}, new AbortController().signal), 1);
    await expect(watching).rejects.toMatchObject({ name: 'ApiError', status: 403, reason: 'Forbidden' });
  });

  it('is asked for the one who is impersonated', async () => {
    const { sandbox, transport } = await withReader(aWorld());
    const impersonated = (method: 'GET' | 'POST') => transport.send({ method, path: configMaps, impersonate: reader.username, body: named('x') }, 1_000);
    expect((await impersonated('GET')).status).toBe(200);
    expect((await impersonated('POST')).status).toBe(403);
    const escalating = await sandbox.transport(reader).send({ method: 'GET', path: configMaps, impersonate: 'system:serviceaccount:default:other' }, 1_000);
    expect(escalating).toMatchObject({ status: 403, body: { message: expect.stringContaining('cannot impersonate resource "serviceaccounts"') as string } });
  });
});

describe('virtual endpoints', () => {
  it('answer before the store, with the user on whose behalf', async () => {
    const endpoints: Extensions['endpoints'] = [
      { matches: ({ path }) => path === '/version', answer: ({ user }, { now }) => ({ status: 200, body: { user: user.username, now } }) },
    ];
    const { transport } = aWorld({ extensions: { ...extensionsForTests, endpoints } });
    expect(await transport.send({ method: 'GET', path: '/version' }, 1_000)).toEqual({
      status: 200,
      body: { user: 'kubernetes-admin', now: '2026-01-15T10:30:00Z' },
    });
    expect(await transport.send({ method: 'GET', path: '/other' }, 1_000)).toEqual({ status: 404, body: '404 page not found\n' });
  });

  it('that fail are a fault of the server, not of the client', async () => {
    const endpoints: Extensions['endpoints'] = [{ matches: ({ path }) => path === '/version', answer: () => Promise.reject(new Error('no version')) }];
    const { transport } = aWorld({ extensions: { ...extensionsForTests, endpoints } });
    expect(await transport.send({ method: 'GET', path: '/version' }, 1_000)).toMatchObject({
      status: 500,
      body: { reason: 'InternalError', message: 'Internal error occurred: no version' },
    });
  });
});

describe('requests that cannot be', () => {
  it.each<[sentence: string, request: Partial<SandboxRequest>, status: number, words: string]>([
    ['a create without a body', { method: 'POST', path: configMaps }, 400, 'it is empty'],
    ['a create of a list', { method: 'POST', path: configMaps, body: [] }, 400, 'it is a list'],
    ['a create with metadata that is none', { method: 'POST', path: configMaps, body: { metadata: 'x' } }, 400, 'metadata: is an object'],
    ['a patch of no type', { method: 'PATCH', path: `${configMaps}/x`, body: {} }, 415, 'application/merge-patch+json'],
    [
      'a server-side apply',
      { method: 'PATCH', path: `${configMaps}/x`, patchType: 'application/apply-patch+yaml', body: {} },
      415,
      'application/strategic-merge-patch+json',
    ],
    [
      'a merge patch that is a list',
      { method: 'PATCH', path: `${configMaps}/x`, patchType: 'application/merge-patch+json', body: [] },
      400,
      'error decoding patch',
    ],
    [
      'a patch that leaves no object',
      { method: 'PATCH', path: `${configMaps}/x`, patchType: 'application/json-patch+json', body: [{ op: 'replace', path: '', value: 1 }] },
      422,
      'rejected our request due to an error',
    ],
    ['a create under a name', { method: 'POST', path: `${configMaps}/x`, body: named('x') }, 405, 'does not allow this method'],
    ['deleting a collection', { method: 'DELETE', path: configMaps }, 405, 'does not allow this method'],
    ['a namespaced object without its namespace', { method: 'GET', path: '/api/v1/configmaps/x' }, 404, 'could not find'],
    ['a cluster-scoped object within a namespace', { method: 'GET', path: '/api/v1/namespaces/default/nodes' }, 404, 'could not find'],
    ['an eviction', { method: 'POST', path: '/api/v1/namespaces/default/pods/p/eviction', body: {} }, 404, 'could not find'],
    ['a list from the future', { method: 'GET', path: configMaps, query: { resourceVersion: '99999' } }, 504, 'Too large resource version'],
    ['a grace period that is no number', { method: 'DELETE', path: `${configMaps}/x`, query: { gracePeriodSeconds: 'soon' } }, 400, 'whole number of seconds'],
    ['a watch that is sent', { method: 'GET', path: configMaps, query: { watch: 'true' } }, 400, 'a watch is opened'],
  ])('%s', async (_sentence, request, status, words) => {
    const { sandbox, transport } = aWorld();
    await client(transport).send('POST', configMaps, named('x'));
    const answer = await sandbox.serve({ method: 'GET', path: '/', user: administrator, ...request });
    expect(answer).toMatchObject({ status, body: { kind: 'Status', code: status, message: expect.stringContaining(words) as string } });
  });
});

describe('faults that a test injects', () => {
  const slow = async (): Promise<ApiResponse | null> => null;

  it('answer in place of the server, or let the request pass', async () => {
    const throttled: ApiResponse = { status: 429, body: { kind: 'Status' }, retryAfterSeconds: 1 };
    const { transport } = aWorld({ beforeServe: async ({ path }) => (path === configMaps ? throttled : slow()) });
    expect(await client(transport).send('GET', configMaps)).toEqual(throttled);
    expect((await client(transport).send('GET', '/api/v1/namespaces/default')).status).toBe(200);
    await expect(take(transport.watch(configMaps, {}, new AbortController().signal), 1)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 1 });
  });

  it('that reject are trouble in reaching the server', async () => {
    const { transport } = aWorld({ beforeServe: () => Promise.reject(new Error('connection refused')) });
    await expect(client(transport).send('GET', configMaps)).rejects.toThrow('connection refused');
  });

  it('that take too long time the client out, and the request is served all the same', async () => {
    const world = aWorld({ beforeServe: async ({ method }) => (method === 'POST' ? world.clock.sleep(60_000).then(() => null) : null) });
    let failure: unknown = null;
    void world.transport.send({ method: 'POST', path: configMaps, body: named('late') }, 5_000).catch((error: unknown) => (failure = error));
    await world.clock.run(() => failure !== null, { virtualSeconds: 10 });
    expect(failure).toMatchObject({ message: 'no answer within 5000 ms' });
    const isThere = async () => (await world.transport.send({ method: 'GET', path: `${configMaps}/late` }, 1_000)).status === 200;
    expect(await isThere()).toBe(false);
    await world.clock.run(isThere, { virtualSeconds: 100 });
    expect(world.clock.now()).toBe('2026-01-15T10:31:00Z');
  });
});

it('nobody can change the store through what was sent or answered', async () => {
  const { transport } = aWorld();
  const { send } = client(transport);
  const sent = { metadata: { name: 'mine' }, data: { a: '1' } };
  const { body } = await send('POST', configMaps, sent);
  sent.data.a = '2';
  expect(() => Object.assign((body as typeof sent).data, { a: '3' })).toThrow(TypeError);
  expect((await send('GET', `${configMaps}/mine`)).body).toMatchObject({ data: { a: '1' } });
});
