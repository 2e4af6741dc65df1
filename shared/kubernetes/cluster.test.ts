import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../api/json.ts';
import { createCluster } from './cluster.ts';
import { ApiError, isConflict, isRefused } from './errors.ts';
import type { ApiRequest, ApiResponse, Transport } from './request.ts';
import { ClusterUnreachable } from './unreachable.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'production', name: 'payment-api' };
const refusal = (status: number, reason: string, message: string): ApiResponse => ({ status, body: { kind: 'Status', reason, message } });

const ready: ApiResponse = { status: 200, body: 'ok' };

/** A server that answers by method and path, and remembers what it was asked. */
function serverThat(answer: (request: ApiRequest) => ApiResponse) {
  const asked: ApiRequest[] = [];
  const transport: Transport = {
    send: (request) => {
      asked.push(request);
      return Promise.resolve(answer(request));
    },
    watch: () => {
      throw new Error('nothing here watches');
    },
  };
  return { asked, cluster: createCluster({ transport, namespace: 'kubernaut-system', timeoutMilliseconds: () => 1_000 }) };
}

describe('the cluster port', () => {
  it('turns an absent object into null', async () => {
    const { cluster } = serverThat(() => refusal(404, 'NotFound', 'deployments.apps "payment-api" not found'));
    expect(await cluster.get(deployment)).toBeNull();
  });

  it('throws what the server said, with the trail of what was tried', async () => {
    const { cluster } = serverThat(({ path }) => (path === '/readyz' ? ready : refusal(403, 'Forbidden', 'not yours')));
    const error = await cluster.get(deployment).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(isRefused(error)).toBe(true);
    expect(String(error)).toContain('GET /apis/apps/v1/namespaces/production/deployments/payment-api: not yours');
  });

  it('takes the page of a proxy for no list, which would be an empty one, and for no object that it made', async () => {
    const { cluster } = serverThat(() => ({ status: 200, body: '<html>log in</html>' }));
    const words = /status 200 without an object of Kubernetes: something else answers there, give the address of the API server itself/;
    const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
    for (const asked of [cluster.get(deployment), cluster.list(kind, {}), cluster.create({ ...kind, metadata: { name: 'a', namespace: 'b' } })]) {
      await expect(asked).rejects.toThrow(ClusterUnreachable);
      await expect(asked).rejects.toThrow(words);
    }
  });

  it('lists page by page, and says of each object what it is', async () => {
    const pages: readonly JsonObject[] = [
      { metadata: { continue: 'there' }, items: [{ metadata: { name: 'a' } }] },
      { metadata: { continue: '' }, items: [{ metadata: { name: 'b' } }] },
    ];
    const { cluster, asked } = serverThat(({ query }) => ({ status: 200, body: pages[query?.['continue'] === undefined ? 0 : 1] ?? {} }));
    const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
    expect(await cluster.listPage(kind, { namespace: 'production', limit: 1 })).toEqual({ items: [{ ...kind, metadata: { name: 'a' } }], next: 'there' });
    expect(await cluster.listPage(kind, { namespace: 'production', limit: 1, from: 'there' })).toEqual({
      items: [{ ...kind, metadata: { name: 'b' } }],
      next: null,
    });
    expect(asked.map(({ query }) => query)).toEqual([{ limit: '1' }, { limit: '1', continue: 'there' }]);
  });

  it('binds a status patch to the version it was decided on', async () => {
    const { cluster, asked } = serverThat(() => refusal(409, 'Conflict', 'the object has been modified'));
    const error = await cluster.patchStatus(deployment, { phase: 'failed' }, '41').catch((caught: unknown) => caught);
    expect(isConflict(error)).toBe(true);
    expect(asked[0]).toMatchObject({ patchType: 'application/merge-patch+json', body: { metadata: { resourceVersion: '41' }, status: { phase: 'failed' } } });
  });

  it.each<[string, number]>([
    ['forbidden', 403],
    ['absent', 404],
    ['in conflict', 409],
    ['invalid', 422],
  ])('takes a dry run that is %s as a refusal, in the words of the API', async (_sentence, status) => {
    const { cluster } = serverThat(({ path }) => (path === '/readyz' ? ready : refusal(status, 'x', 'denied by policy')));
    const request: ApiRequest = { method: 'PATCH', path: '/x', patchType: 'application/merge-patch+json', body: {} };
    expect(await cluster.dryRun('scale-deployment-sa', [request])).toEqual({ kind: 'refused', status, message: 'denied by policy' });
  });

  it('rehearses writes only, as the ServiceAccount and with dryRun', async () => {
    const { cluster, asked } = serverThat(() => ({ status: 200, body: {} }));
    await cluster.dryRun('scale-deployment-sa', [
      { method: 'GET', path: '/x' },
      { method: 'PATCH', path: '/x/scale', patchType: 'application/merge-patch+json', body: {} },
    ]);
    const user = 'system:serviceaccount:kubernaut-system:scale-deployment-sa';
    expect(asked.map(({ path, impersonate, query }) => [path, impersonate, query?.['dryRun']])).toEqual([['/x/scale', user, 'All']]);
  });

  it.each<[string, ApiRequest['body'], Readonly<Record<string, unknown>>]>([
    ['with options', { gracePeriodSeconds: 30, preconditions: { uid: 'u1' } }, { gracePeriodSeconds: 30, preconditions: { uid: 'u1' }, dryRun: ['All'] }],
    ['without a body', undefined, { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] }],
  ])('rehearses a delete %s in its body, where alone the API server looks for it', async (_sentence, body, expected) => {
    const { cluster, asked } = serverThat(() => ({ status: 200, body: {} }));
    await cluster.dryRun('restart-pod-sa', [{ method: 'DELETE', path: '/x', ...(body !== undefined && { body }) }]);
    expect(asked.map((request) => request.body)).toEqual([expected]);
  });

  it('throws trouble in a dry run, so that the queue retries', async () => {
    const { cluster } = serverThat(() => ({ status: 429, body: {}, retryAfterSeconds: 3 }));
    await expect(cluster.dryRun('x', [{ method: 'DELETE', path: '/x' }])).rejects.toMatchObject({ status: 429, retryAfterSeconds: 3 });
  });

  it('names the verb that an account lacks', async () => {
    const { cluster } = serverThat(({ path, body }) =>
      path === '/readyz' ? ready : { status: 201, body: { status: { allowed: !JSON.stringify(body).includes('"subresource":"scale"') } } },
    );
    const rules = [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
    ];
    expect(await cluster.reviewAccess('scale-deployment-sa', rules, 'production')).toEqual({
      allowed: false,
      reason: 'system:serviceaccount:kubernaut-system:scale-deployment-sa may not patch deployments/scale.apps in namespace production',
    });
  });

  it('cuts a log to its last bytes and never inside a character', async () => {
    const { cluster } = serverThat(() => ({ status: 200, body: `${'é'.repeat(10)}end` }));
    expect(await cluster.podLog('kubernaut-system', 'p', { container: 'c', tailBytes: 6 })).toBe('éend');
  });

  it('takes an unreadable log as none', async () => {
    const { cluster } = serverThat(() => refusal(500, 'InternalError', 'node is gone'));
    expect(await cluster.podLog('kubernaut-system', 'p', { container: 'c', tailBytes: 6 })).toBeNull();
  });

  it('refuses a namespaced kind without a namespace before anything is sent', async () => {
    const { cluster, asked } = serverThat(() => ({ status: 200, body: {} }));
    await expect(cluster.get({ apiVersion: 'v1', kind: 'Pod', name: 'p' })).rejects.toThrow('Pod p: namespace is missing');
    expect(asked).toHaveLength(0);
  });
});
