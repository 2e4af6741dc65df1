import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, deployment, pod } from './objects.ts';
import type { Subject } from './subject.ts';

const group = 'rbac.authorization.k8s.io';
const rbac = `${group}/v1`;

export const roleRef = (name: string, kind = 'Role'): JsonObject => ({ apiGroup: group, kind, name });

/** Gives an account of our namespace these rules there. On a real cluster it takes a moment until they hold. */
export async function granted(subject: Subject, account: string, rules: readonly JsonObject[]): Promise<void> {
  const { send, path, namespace } = subject;
  await send('POST', path('serviceaccounts'), { metadata: { name: account } });
  await send('POST', path('roles', rbac), { metadata: { name: account }, rules: [...rules] });
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
  await send('POST', path('rolebindings', rbac), { metadata: { name: account }, roleRef: roleRef(account), subjects });
}

export function rbacRules(subject: () => Subject): void {
  const someone = () => subject().as(subject().account('nobody-in-particular'));
  const reader = () => subject().as(subject().account('reader'));

  beforeAll(async () => {
    const { send, path, eventually } = subject();
    await granted(subject(), 'reader', [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get', 'list', 'watch', 'update', 'patch', 'delete', 'create'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ]);
    for (const name of ['mine', 'yours']) await send('POST', path('configmaps'), configMap(name));
    await send('POST', path('deployments', 'apps/v1'), deployment('guarded'));
    await eventually(
      () => reader().send('GET', path('configmaps/mine')),
      ({ status }) => status === 200,
    );
  });

  describe('who may do nothing is told what is missing', () => {
    it.each<[sentence: string, plural: string, groupVersion: string | undefined, words: string]>([
      [
        'an object',
        'configmaps/mine',
        undefined,
        'configmaps "mine" is forbidden: User "USER" cannot get resource "configmaps" in API group "" in the namespace "NS"',
      ],
      ['a list', 'configmaps', undefined, 'configmaps is forbidden: User "USER" cannot list resource "configmaps" in API group "" in the namespace "NS"'],
      [
        'a subresource',
        'deployments/guarded/scale',
        'apps/v1',
        'deployments.apps "guarded" is forbidden: User "USER" cannot get resource "deployments/scale" in API group "apps" in the namespace "NS"',
      ],
      ['what is not served', 'nothings', undefined, 'nothings is forbidden: User "USER" cannot list resource "nothings" in API group "" in the namespace "NS"'],
    ])('for %s', async (_sentence, at, groupVersion, words) => {
      const { path, account, namespace } = subject();
      const message = words.replace('USER', account('nobody-in-particular')).replace('NS', namespace);
      expect(await someone().send('GET', path(at, groupVersion))).toMatchObject({ status: 403, body: { reason: 'Forbidden', message } });
    });

    it('at the cluster scope', async () => {
      const answer = await someone().send('GET', '/api/v1/nodes');
      expect(answer).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining('cannot list resource "nodes" in API group "" at the cluster scope') as string },
      });
    });

    it('for a path', async () => {
      expect(await someone().send('GET', '/metrics')).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining('cannot get path "/metrics"') as string },
      });
    });

    it('before it is told whether the object is there', async () => {
      const { path } = subject();
      expect((await someone().send('GET', path('configmaps/absent'))).status).toBe(403);
      expect((await someone().patch('merge', path('deployments/absent/scale', 'apps/v1'), { spec: { replicas: 1 } }, { dryRun: 'All' })).status).toBe(403);
    });
  });

  it('everyone who is known may read discovery and the version', async () => {
    for (const path of ['/version', '/api', '/apis', '/apis/apps/v1', '/openapi/v3', '/healthz']) expect((await someone().send('GET', path)).status).toBe(200);
  });

  describe('a rule with names', () => {
    it('opens these objects and no others', async () => {
      const { path } = subject();
      expect((await reader().send('GET', path('configmaps/mine'))).status).toBe(200);
      expect((await reader().patch('merge', path('configmaps/mine'), { data: { a: '1' } })).status).toBe(200);
      expect((await reader().send('GET', path('configmaps/yours'))).status).toBe(403);
      expect((await reader().patch('merge', path('configmaps/yours'), { data: { a: '1' } })).status).toBe(403);
    });

    it('opens a list of that one name, and no other list', async () => {
      const { path } = subject();
      const list = async (query: Readonly<Record<string, string>>) => (await reader().send('GET', path('configmaps'), undefined, query)).status;
      expect(await list({ fieldSelector: 'metadata.name=mine' })).toBe(200);
      expect(await list({ fieldSelector: 'metadata.name=yours' })).toBe(403);
      expect(await list({ labelSelector: 'a=b' })).toBe(403);
      expect(await list({})).toBe(403);
    });

    it('lets nothing be created: a create has no name yet', async () => {
      const { path } = subject();
      expect((await reader().send('POST', path('configmaps'), configMap('mine'))).status).toBe(403);
    });
  });

  describe('a subresource', () => {
    it('is a permission of its own', async () => {
      const { path } = subject();
      expect((await reader().patch('merge', path('deployments/guarded/scale', 'apps/v1'), { spec: { replicas: 3 } })).status).toBe(200);
      expect((await reader().send('GET', path('deployments/guarded/scale', 'apps/v1'))).status).toBe(403);
      expect((await reader().patch('merge', path('deployments/guarded', 'apps/v1'), { spec: { replicas: 3 } })).status).toBe(403);
      expect((await reader().patch('merge', path('deployments/guarded/status', 'apps/v1'), { status: { replicas: 3 } })).status).toBe(403);
    });
  });

  describe('a dry run', () => {
    it('needs the permission of the real thing', async () => {
      const { send, path } = subject();
      const dryRun = { dryRun: 'All' };
      await send('POST', path('pods'), pod('rehearsed-away', {}, { schedulerName: 'nobody' }));
      expect((await reader().patch('merge', path('deployments/guarded/scale', 'apps/v1'), { spec: { replicas: 9 } }, dryRun)).status).toBe(200);
      expect((await reader().patch('merge', path('deployments/guarded', 'apps/v1'), { spec: { replicas: 9 } }, dryRun)).status).toBe(403);
      expect((await reader().send('DELETE', path('pods/rehearsed-away'), { dryRun: ['All'] })).status).toBe(200);
      expect((await reader().send('GET', path('pods/rehearsed-away'))).status).toBe(403);
      expect((await send('GET', path('pods/rehearsed-away'))).status).toBe(200);
    });
  });

  describe('impersonation', () => {
    it('of an account that does not exist is of one that may do nothing', async () => {
      const { as, account, path } = subject();
      expect((await as(account('ghost')).send('GET', path('configmaps/mine'))).status).toBe(403);
    });

    it('gives the groups of accounts, so that a binding to them counts', async () => {
      const { send, path, namespace, as, account, eventually } = subject();
      await send('POST', path('roles', rbac), {
        metadata: { name: 'for-all-accounts' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
      });
      const subjects = [{ kind: 'Group', apiGroup: group, name: `system:serviceaccounts:${namespace}` }];
      await send('POST', path('rolebindings', rbac), { metadata: { name: 'for-all-accounts' }, roleRef: roleRef('for-all-accounts'), subjects });
      const answer = await eventually(
        () => as(account('anyone')).send('GET', path('secrets')),
        ({ status }) => status === 200,
      );
      expect(answer.status).toBe(200);
      expect((await as('system:serviceaccount:elsewhere:anyone').send('GET', path('secrets'))).status).toBe(403);
      expect((await as('alice').send('GET', path('secrets'))).status).toBe(403);
    });
  });

  describe('roles', () => {
    it('name verbs, groups and resources', async () => {
      const { send, path } = subject();
      for (const rule of [
        { apiGroups: [''], resources: ['pods'] },
        { verbs: ['get'], resources: ['pods'] },
        { verbs: ['get'], apiGroups: [''] },
      ]) {
        expect(await send('POST', path('roles', rbac), { metadata: { name: 'vague' }, rules: [rule] })).toMatchObject({
          status: 422,
          body: { reason: 'Invalid' },
        });
      }
    });

    it('are bound for good', async () => {
      const { patch, path } = subject();
      expect(await patch('merge', path('rolebindings/reader', rbac), { roleRef: roleRef('another') })).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('cannot change roleRef') as string },
      });
    });

    it('are bound to users, groups and accounts', async () => {
      const { send, path } = subject();
      const bind = (subjects: readonly JsonObject[], kind = 'Role') =>
        send('POST', path('rolebindings', rbac), { metadata: { generateName: 'bound-' }, roleRef: roleRef('reader', kind), subjects: [...subjects] });
      expect((await bind([{ kind: 'Robot', name: 'r' }])).status).toBe(422);
      expect((await bind([{ kind: 'User' }])).status).toBe(422);
      expect((await bind([], 'Nothing')).status).toBe(422);
      expect((await bind([{ kind: 'User', apiGroup: group, name: 'alice' }])).status).toBe(201);
    });

    it('that are bound before they exist grant nothing until then', async () => {
      const { send, path, as, eventually } = subject();
      const subjects = [{ kind: 'User', apiGroup: group, name: 'early' }];
      expect((await send('POST', path('rolebindings', rbac), { metadata: { name: 'early' }, roleRef: roleRef('late'), subjects })).status).toBe(201);
      expect((await as('early').send('GET', path('secrets'))).status).toBe(403);
      await send('POST', path('roles', rbac), { metadata: { name: 'late' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] });
      const opened = await eventually(
        () => as('early').send('GET', path('secrets')),
        ({ status }) => status === 200,
      );
      expect(opened.status).toBe(200);
    });
  });
}
