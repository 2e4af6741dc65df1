import { describe, expect, it } from 'vitest';
import { aDefinition, admitDefinition, admittedObject } from '../../../test/support/crd.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { builtInTypes } from './built-in-types.ts';
import { crdValidator } from './crd-validator.ts';
import { openApi } from './discovery-openapi.ts';
import { serverVersion } from './discovery-server.ts';
import { discovery } from './discovery.ts';
import type { EndpointContext, VirtualEndpoint } from './extension.ts';
import { resourceTypes } from './resource-types.ts';
import { administrator } from './sandbox.ts';
import { StatusError } from './status-object.ts';

const types = resourceTypes(builtInTypes);
types.establish(
  crdValidator().typesOf(
    admittedObject(admitDefinition(aDefinition({}, { spec: { names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['kubernaut'] } } }))),
  ),
);
const context: EndpointContext = {
  objects: { get: () => undefined, list: () => [] },
  types,
  now: '2026-01-15T10:35:20Z',
  authorize: () => ({ allowed: true, reason: '' }),
};

async function get(endpoint: VirtualEndpoint, path: string, accept?: string): Promise<ApiResponse | 'unmatched' | number> {
  const request = { method: 'GET' as const, path, user: administrator, ...(accept !== undefined && { accept }) };
  if (!endpoint.matches(request)) return 'unmatched';
  try {
    return await endpoint.answer(request, context);
  } catch (error) {
    if (error instanceof StatusError) return error.answer.code;
    throw error;
  }
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
const widget = { group: 'example.kubernaut.io', version: 'v1', kind: 'Widget' };

describe('discovery', () => {
  it('lists the groups at once, in the aggregated form', async () => {
    const answer = await get(discovery, '/apis', aggregated);
    expect(answer).toMatchObject({ status: 200, body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' } });
    const { items } = Object(Object(answer).body);
    expect(items.map(({ metadata }: { readonly metadata: { readonly name: string } }) => metadata.name)).toEqual([
      'apps',
      'batch',
      'autoscaling',
      'policy',
      'coordination.k8s.io',
      'networking.k8s.io',
      'rbac.authorization.k8s.io',
      'apiextensions.k8s.io',
      'admissionregistration.k8s.io',
      'example.kubernaut.io',
      'authorization.k8s.io',
    ]);
    expect(items.at(-2)).toEqual({
      metadata: { name: 'example.kubernaut.io', creationTimestamp: null },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'widgets',
              singularResource: 'widget',
              responseKind: widget,
              scope: 'Namespaced',
              verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
              shortNames: ['wd'],
              categories: ['kubernaut'],
              subresources: [{ subresource: 'status', responseKind: widget, verbs: ['get', 'patch', 'update'] }],
            },
          ],
        },
      ],
    });
  });

  it('lists the core group apart', async () => {
    expect(await get(discovery, '/api', aggregated)).toMatchObject({ body: { items: [{ metadata: { name: '' }, versions: [{ version: 'v1' }] }] } });
  });

  it('answers step by step who asks for no more', async () => {
    expect(await get(discovery, '/api')).toMatchObject({ body: { kind: 'APIVersions', versions: ['v1'] } });
    expect(await get(discovery, '/apis', 'application/json')).toMatchObject({
      body: { kind: 'APIGroupList', groups: expect.arrayContaining([expect.objectContaining({ name: 'apps' })]) },
    });
    expect(await get(discovery, '/apis/apps')).toMatchObject({
      body: { kind: 'APIGroup', name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } },
    });
    expect(await get(discovery, '/apis/example.kubernaut.io/v1')).toMatchObject({
      body: {
        kind: 'APIResourceList',
        groupVersion: 'example.kubernaut.io/v1',
        resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }, { name: 'widgets/status' }],
      },
    });
    expect(await get(discovery, '/api/v1')).toMatchObject({
      body: { groupVersion: 'v1', resources: expect.arrayContaining([expect.objectContaining({ name: 'serviceaccounts/token', kind: 'TokenRequest' })]) },
    });
  });

  it.each(['/apis/nosuch.io', '/apis/apps/v2', '/api/v2'])('does not know %s', async (path) => {
    expect(await get(discovery, path)).toBe(404);
  });

  it.each(['/apis/apps/v1/deployments', '/api/v1/pods', '/version', '/apiserver'])('leaves %s to others', async (path) => {
    expect(await get(discovery, path)).toBe('unmatched');
  });
});

describe('the version', () => {
  it('is a minor version that kubectl can compare, and says what it is', async () => {
    expect(await get(serverVersion, '/version')).toMatchObject({ status: 200, body: { major: '1', minor: '36', gitVersion: 'v1.36.3+sandbox' } });
  });
});

describe('OpenAPI', () => {
  it('says for each kind that fields are checked here', async () => {
    expect(await get(openApi, '/openapi/v3')).toMatchObject({ body: { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' }, 'apis/apps/v1': {} } } });
    expect(await get(openApi, '/openapi/v3/apis/example.kubernaut.io/v1')).toMatchObject({
      body: {
        paths: {
          '/apis/example.kubernaut.io/v1/namespaces/{namespace}/widgets/{name}': {
            patch: {
              'x-kubernetes-group-version-kind': widget,
              parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation', in: 'query' })]),
            },
          },
        },
      },
    });
    expect(await get(openApi, '/openapi/v3/apis/nosuch/v1')).toBe(404);
    expect(await get(openApi, '/openapi/v2')).toBe('unmatched');
  });
});
