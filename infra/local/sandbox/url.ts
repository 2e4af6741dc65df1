import type { ApiRequest } from '../../../shared/kubernetes/request.ts';

/** What a path and a method ask for, as kube-apiserver's RequestInfo reads them; whether it exists is another question. */
export type RequestTarget = ResourceTarget | { readonly kind: 'path'; readonly path: string; readonly verb: string };

export interface ResourceTarget {
  readonly kind: 'resource';
  readonly group: string;
  readonly version: string;
  /** Empty for all namespaces and for what is cluster-scoped; for a Namespace its own name. */
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly verb: string;
}

/** `namespaces/x/status` is the Namespace itself, `namespaces/x/pods` its pods. */
const namespaceSubresources = new Set(['status', 'finalize']);

export function parseTarget({ method, path, query = {} }: Pick<ApiRequest, 'method' | 'path' | 'query'>): RequestTarget {
  const segments = decodedSegments(path);
  const located = segments === null ? null : locate(segments);
  if (located === null) return { kind: 'path', path, verb: method.toLowerCase() };
  const { group, version, rest } = located;
  const resource = resourceParts(rest);
  const verb = verbOf(method, resource.name, query);
  const name = resource.name === '' && (verb === 'list' || verb === 'watch') ? selectedName(query['fieldSelector']) : resource.name;
  return { kind: 'resource', group, version, ...resource, name, verb };
}

function decodedSegments(path: string): readonly string[] | null {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    return null; // a malformed percent escape names nothing
  }
}

/** Group, version and what follows; null for what is no resource: `/api`, `/apis/apps/v1`, `/version`. */
function locate(segments: readonly string[]): { readonly group: string; readonly version: string; readonly rest: readonly string[] } | null {
  const [root, first, second] = segments;
  if (root === 'api' && first !== undefined && segments.length > 2) return { group: '', version: first, rest: segments.slice(2) };
  if (root === 'apis' && first !== undefined && second !== undefined && segments.length > 3) {
    return { group: first, version: second, rest: segments.slice(3) };
  }
  return null;
}

function resourceParts(rest: readonly string[]): Pick<ResourceTarget, 'namespace' | 'resource' | 'name' | 'subresource'> {
  const [first = '', second = '', third = ''] = rest;
  const within = first === 'namespaces' && third !== '' && !namespaceSubresources.has(third);
  const [resource = '', name = '', ...subresource] = within ? rest.slice(2) : rest;
  const namespace = first === 'namespaces' ? second : '';
  return { namespace, resource, name, subresource: subresource.join('/') };
}

function verbOf(method: ApiRequest['method'], name: string, query: Readonly<Record<string, string>>): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    case 'GET':
      if (name !== '') return 'get';
      return isTrue(query['watch']) ? 'watch' : 'list';
  }
}

/** A list or watch of one name is judged by RBAC as that name: resourceNames hold for it. */
function selectedName(fieldSelector: string | undefined): string {
  return /^metadata\.name==?([^,!=]+)$/.exec(fieldSelector ?? '')?.[1] ?? '';
}

/** A query parameter that is a bool, as the API reads it: everything but `0` and `false` is true, `?watch` alone too. */
export function isTrue(parameter: string | undefined): boolean {
  return parameter !== undefined && parameter !== '0' && parameter.toLowerCase() !== 'false';
}
