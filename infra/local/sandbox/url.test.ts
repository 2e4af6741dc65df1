import { describe, expect, it } from 'vitest';
import { isTrue, parseTarget, type RequestTarget } from './url.ts';

type Given = Parameters<typeof parseTarget>[0];

function resource(fields: Partial<Extract<RequestTarget, { kind: 'resource' }>>): RequestTarget {
  return { kind: 'resource', group: '', version: 'v1', namespace: '', resource: '', name: '', subresource: '', verb: 'get', ...fields };
}

describe('a request for a resource', () => {
  it.each<[given: string, expected: RequestTarget]>([
    ['GET /api/v1/nodes', resource({ resource: 'nodes', verb: 'list' })],
    ['GET /api/v1/nodes/n1', resource({ resource: 'nodes', name: 'n1' })],
    ['GET /api/v1/pods', resource({ resource: 'pods', verb: 'list' })],
    ['GET /api/v1/namespaces', resource({ resource: 'namespaces', verb: 'list' })],
    ['GET /api/v1/namespaces/a', resource({ resource: 'namespaces', name: 'a', namespace: 'a' })],
    ['PATCH /api/v1/namespaces/a/status', resource({ resource: 'namespaces', name: 'a', namespace: 'a', subresource: 'status', verb: 'patch' })],
    ['GET /api/v1/namespaces/a/pods', resource({ resource: 'pods', namespace: 'a', verb: 'list' })],
    ['POST /api/v1/namespaces/a/pods', resource({ resource: 'pods', namespace: 'a', verb: 'create' })],
    ['DELETE /api/v1/namespaces/a/pods/p', resource({ resource: 'pods', namespace: 'a', name: 'p', verb: 'delete' })],
    ['DELETE /api/v1/namespaces/a/pods', resource({ resource: 'pods', namespace: 'a', verb: 'deletecollection' })],
    ['GET /api/v1/namespaces/a/pods/p/log', resource({ resource: 'pods', namespace: 'a', name: 'p', subresource: 'log' })],
    [
      'POST /api/v1/namespaces/a/serviceaccounts/s/token',
      resource({ resource: 'serviceaccounts', namespace: 'a', name: 's', subresource: 'token', verb: 'create' }),
    ],
    [
      'PUT /apis/apps/v1/namespaces/a/deployments/d/scale',
      resource({ group: 'apps', resource: 'deployments', namespace: 'a', name: 'd', subresource: 'scale', verb: 'update' }),
    ],
    ['GET /apis/apps/v1/deployments', resource({ group: 'apps', resource: 'deployments', verb: 'list' })],
    [
      'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
      resource({ group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'system:node' }),
    ],
  ])('%s', (given, expected) => {
    const [method, path] = given.split(' ');
    expect(parseTarget({ method: method as Given['method'], path: path ?? '' })).toEqual(expected);
  });

  it('is a watch by its query, and of one name by its field selector', () => {
    const target = parseTarget({ method: 'GET', path: '/api/v1/pods', query: { watch: 'true', fieldSelector: 'metadata.name=p' } });
    expect(target).toEqual(resource({ resource: 'pods', name: 'p', verb: 'watch' }));
    const selected = parseTarget({ method: 'GET', path: '/api/v1/pods', query: { fieldSelector: 'metadata.name!=p' } });
    expect(selected).toEqual(resource({ resource: 'pods', verb: 'list' }));
  });
});

describe('what is no resource', () => {
  it.each(['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/healthz/etcd', '/openapi/v2', '/api/v1/pods/%zz'])('%s', (path) => {
    expect(parseTarget({ method: 'GET', path })).toEqual({ kind: 'path', path, verb: 'get' });
  });
});

it('reads booleans of a query as the API does', () => {
  expect(['true', '1', '', 'yes'].map(isTrue)).toEqual([true, true, true, true]);
  expect(['false', '0', 'False', undefined].map(isTrue)).toEqual([false, false, false, false]);
});
