import type { JsonObject } from '../../../shared/api/json.ts';
import type { VirtualEndpoint } from './extension.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { noSuchResource } from './status-object.ts';

const root = '/openapi/v3';

/**
 * Just enough of OpenAPI v3 that `kubectl apply` and `create` ask nothing more: before they send a manifest they look whether the
 * server checks its fields by itself (the parameter fieldValidation of PATCH). There are no schemas: `kubectl explain` has nothing to explain.
 */
export const openApi: VirtualEndpoint = {
  matches: ({ method, path }) => method === 'GET' && (path === root || path.startsWith(`${root}/`)),
  answer({ path }, { types }) {
    const body = path === root ? groupVersions(types.all()) : groupVersion(types.all(), path.slice(root.length));
    if (body === null) throw noSuchResource();
    return { status: 200, body };
  },
};

function groupVersions(types: readonly ResourceType[]): JsonObject {
  const paths = new Set(types.map(pathOf));
  return { paths: Object.fromEntries([...paths].map((path) => [path.slice(1), { serverRelativeURL: `${root}${path}` }])) };
}

/** `/api/v1`, `/apis/apps/v1` */
function pathOf(type: ResourceType): string {
  return type.group === '' ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
}

function groupVersion(types: readonly ResourceType[], path: string): JsonObject | null {
  const served = types.filter((type) => pathOf(type) === path);
  if (served.length === 0) return null;
  const paths = Object.fromEntries(served.map((type) => [objectPathOf(type), { patch: patchOf(type) }]));
  return { openapi: '3.0.0', info: { title: 'kubernaut sandbox', version: 'v1' }, paths };
}

function objectPathOf(type: ResourceType): string {
  return `${pathOf(type)}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`;
}

function patchOf({ group, version, kind }: ResourceType): JsonObject {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
  const responses = { 200: { description: 'OK' } };
  return { parameters, responses, 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': { group, version, kind } };
}
