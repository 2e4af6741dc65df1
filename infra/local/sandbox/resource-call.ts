import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { ApiRequest } from '../../../shared/kubernetes/request.ts';
import { notSupported } from './crd-causes.ts';
import type { ResourceType, Subresource } from './resource-types.ts';
import type { SandboxRequest, UserInfo } from './sandbox.ts';
import { badRequest, invalid } from './status-object.ts';

/** A request for a resource that exists, read once: what the handlers work on. */
export interface ResourceCall {
  readonly method: ApiRequest['method'];
  readonly type: ResourceType;
  /** undefined: of all namespaces, or cluster-scoped. */
  readonly namespace: string | undefined;
  /** Empty for a collection. */
  readonly name: string;
  readonly subresource: '' | Subresource;
  readonly query: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
  readonly patchType: ApiRequest['patchType'];
  readonly accept: string | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

export type Located = Pick<ResourceCall, 'type' | 'namespace' | 'name' | 'subresource'>;

/** Throws a 422 when dryRun is anything but `All`. */
export function resourceCall(request: SandboxRequest, located: Located): ResourceCall {
  const { method, query = {}, body, patchType, accept, user } = request;
  return { method, ...located, query, body, patchType, accept, user, dryRun: isDryRun(request) };
}

const optionsOf: Readonly<Record<ApiRequest['method'], string>> = {
  GET: 'GetOptions',
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
};

function isDryRun(request: SandboxRequest): boolean {
  const asked = dryRunAsked(request);
  if (asked.some((value) => value !== 'All')) {
    throw invalid({ group: 'meta.k8s.io', kind: optionsOf[request.method] }, '', [notSupported('dryRun', asked, ['All'])]);
  }
  return asked.length > 0;
}

/** A DELETE with a body is told by its body alone: what its query asks for counts for nothing, not even a dry run. */
function dryRunAsked({ method, query = {}, body }: SandboxRequest): readonly JsonValue[] {
  if (method !== 'DELETE' || body === undefined) return query['dryRun'] === undefined ? [] : [query['dryRun']];
  const inBody = isJsonObject(body) ? body['dryRun'] : undefined;
  return Array.isArray(inBody) ? inBody : [];
}

/** kubectl apply and create ask for it, so that a misspelt field is an error. */
export function isStrict({ query }: Pick<ResourceCall, 'query'>): boolean {
  return query['fieldValidation'] === 'Strict';
}

export function bodyObject({ body }: Pick<ResourceCall, 'body'>): JsonObject {
  if (isJsonObject(body)) return body;
  throw badRequest(
    `the body of the request is no JSON object: ${body === undefined ? 'it is empty' : Array.isArray(body) ? 'it is a list' : `it is ${JSON.stringify(body)}`}`,
  );
}
