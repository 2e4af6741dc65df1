import { bytesOf, isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { ApiRequest } from '../../../shared/kubernetes/request.ts';
import { notSupported, tooLong } from './crd-causes.ts';
import type { Cause } from './extension.ts';
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
  /** Tells the client something that is no error. */
  readonly warn: (warning: string) => void;
}

export type Located = Pick<ResourceCall, 'type' | 'namespace' | 'name' | 'subresource'>;

/** Throws a 422 for options that are none: a dryRun but `All`, a field manager of any length. */
export function resourceCall(request: SandboxRequest, located: Located, warn: ResourceCall['warn'] = unheard): ResourceCall {
  const { method, query = {}, body, patchType, accept, user } = request;
  const dryRun = dryRunAsked(request);
  refuse(method, optionCauses(request, dryRun));
  return { method, ...located, query, body, patchType, accept, user, dryRun: dryRun.length > 0, warn };
}

function unheard(): void {
  // Nobody asked who could be told.
}

const optionsOf: Readonly<Record<ApiRequest['method'], string>> = {
  GET: 'GetOptions',
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
};

const fieldValidations = ['', 'Ignore', 'Strict', 'Warn'];
const managerBytesMax = 128;

/** What a write says about itself is judged before anybody looks for the object. */
function optionCauses({ method, query = {} }: SandboxRequest, dryRun: readonly JsonValue[]): readonly Cause[] {
  if (method === 'GET') return [];
  const { fieldManager = '', fieldValidation = '' } = query;
  return [
    ...(dryRun.some((value) => value !== 'All') ? [notSupported('dryRun', dryRun, ['All'])] : []),
    ...(bytesOf(fieldManager) > managerBytesMax ? [tooLong('fieldManager', managerBytesMax)] : []),
    ...(fieldValidations.includes(fieldValidation) ? [] : [notSupported('fieldValidation', fieldValidation, fieldValidations)]),
  ];
}

function refuse(method: ApiRequest['method'], causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: optionsOf[method] }, '', causes);
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
