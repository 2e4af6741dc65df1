import { isJsonObject, type JsonObject, type JsonValue } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { reviewAccess } from './access-review.ts';
import { confirmingDenials } from './denial.ts';
import { ApiError, isNotFound } from './errors.ts';
import type { Cluster, DryRun, ListOptions } from './ports.ts';
import type { ApiRequest, ApiResponse, Transport } from './request.ts';
import { collectionPath, objectPath } from './resource-path.ts';
import { ClusterUnreachable } from './unreachable.ts';
import { stringAt } from './unstructured.ts';

export interface ClusterOptions {
  readonly transport: Transport;
  /** Where the action ServiceAccounts live. */
  readonly namespace: string;
  /** What a call may still take; asked before each call, so that a pass ends before its function does. */
  readonly timeoutMilliseconds: () => number;
}

const fieldManager = 'kubernaut';
const refusals = [400, 403, 404, 409, 422];

/** The cluster port over any transport: verbs become requests, answers become values or ApiError. */
export function createCluster({ transport, namespace, timeoutMilliseconds }: ClusterOptions): Cluster {
  const answer = confirmingDenials((request) => transport.send(request, timeoutMilliseconds()));
  const must = async (request: ApiRequest) => objectOf(request, await answer(request));
  return {
    async get(key) {
      return absentIsNull(() => must({ method: 'GET', path: objectPath(key) }));
    },

    async list(kind, options) {
      return itemsOf(await must(listRequest(kind, options)), kind);
    },

    async listPage(kind, { from, ...options }) {
      const page = await must(listRequest(kind, options, from));
      return { items: itemsOf(page, kind), next: stringAt(page, 'metadata', 'continue') || null };
    },

    reviewAccess: (serviceAccount, rules, within) => reviewAccess(must, { user: accountUser(namespace, serviceAccount), rules, namespace: within }),

    dryRun: (serviceAccount, requests) => rehearse(answer, accountUser(namespace, serviceAccount), requests),

    async podLog(within, pod, { container, tailBytes }) {
      const path = objectPath({ apiVersion: 'v1', kind: 'Pod', name: pod, namespace: within }, 'log');
      try {
        const { status, body } = await answer({ method: 'GET', path, query: { container, tailLines: '2000' } });
        return status === 200 && typeof body === 'string' ? lastBytes(body, tailBytes) : null;
      } catch {
        return null; // Logs are best effort: a verdict never waits for one (design.md §3).
      }
    },

    async create(object) {
      const path = collectionPath(object, object.metadata.namespace);
      return asObject(await must({ method: 'POST', path, query: { fieldManager }, body: toJson(object) }));
    },

    async patchStatus(key, status, resourceVersion) {
      const body = { metadata: { resourceVersion }, status };
      return asObject(await must(mergePatch(objectPath(key, 'status'), body)));
    },

    async patchMetadata(key, metadata) {
      return asObject(await must(mergePatch(objectPath(key), { metadata })));
    },

    async delete(key, { uid, propagationPolicy }) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, propagationPolicy };
      await absentIsNull(() => must({ method: 'DELETE', path: objectPath(key), body }));
    },
  };
}

/** The user name of a ServiceAccount, as authentication gives it. */
export function accountUser(namespace: string, serviceAccount: string): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** The body of a success, text or JSON. Throws ApiError, its message the trail of what was tried and the server's own words. */
export function successOf(request: Pick<ApiRequest, 'method' | 'path'>, { status, body, retryAfterSeconds }: ApiResponse): JsonValue {
  if (status >= 200 && status < 300) return body;
  const said = statusFields(body);
  const message = `${request.method} ${request.path}: ${said.message ?? `status ${status}`}`;
  throw new ApiError({ status, reason: said.reason ?? '', message, retryAfterSeconds });
}

/**
 * The object, or the list, that a success holds. Throws ApiError; and ClusterUnreachable for a success that no API server gives, as the login page of a proxy: taken for a list it would be an
 * empty one, and taken for a created object it would lose what was to be created.
 */
export function objectOf(request: Pick<ApiRequest, 'method' | 'path'>, response: ApiResponse): JsonObject {
  const body = successOf(request, response);
  if (isJsonObject(body)) return body;
  throw new ClusterUnreachable(
    `${request.method} ${request.path}: status ${response.status} without an object of Kubernetes: something else answers there, give the address of the API server itself`,
  );
}

/** The server's own words about a refusal, without the trail. */
export function wordsOf(body: JsonValue, status: number): string {
  return statusFields(body).message ?? `status ${status}`;
}

async function rehearse(answer: (request: ApiRequest) => Promise<ApiResponse>, user: string, requests: readonly ApiRequest[]): Promise<DryRun> {
  const objects: KubernetesObject[] = [];
  // A read rehearses nothing, and whether it is permitted the access review has said.
  for (const request of requests.filter(({ method }) => method !== 'GET')) {
    const response = await answer(rehearsalOf(request, user));
    if (refusals.includes(response.status)) return { kind: 'refused', status: response.status, message: wordsOf(response.body, response.status) };
    objects.push(asObject(objectOf(request, response)));
  }
  return { kind: 'accepted', objects };
}

/** A DELETE takes its options from its body alone as soon as it has one: with dryRun in the query only, the API server would really delete. */
function rehearsalOf(request: ApiRequest, user: string): ApiRequest {
  const rehearsal = { ...request, impersonate: user, query: { ...request.query, dryRun: 'All', fieldManager } };
  return request.method === 'DELETE' ? { ...rehearsal, body: { ...deleteOptionsOf(request), dryRun: ['All'] } } : rehearsal;
}

function deleteOptionsOf({ body }: ApiRequest): JsonObject {
  return isJsonObject(body) ? body : { apiVersion: 'v1', kind: 'DeleteOptions' };
}

function mergePatch(path: string, body: JsonObject): ApiRequest {
  return { method: 'PATCH', path, patchType: 'application/merge-patch+json', query: { fieldManager }, body };
}

async function absentIsNull(ask: () => Promise<JsonValue>): Promise<KubernetesObject | null> {
  try {
    return asObject(await ask());
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function lastBytes(text: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytesMax) return text;
  // A cut inside a character would print a replacement mark: those leading bytes are dropped.
  return new TextDecoder().decode(bytes.subarray(bytes.length - bytesMax)).replace(/^\uFFFD+/, '');
}

function statusFields(body: JsonValue): { readonly message?: string; readonly reason?: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  const { message, reason } = body as JsonObject;
  return { ...(typeof message === 'string' && { message }), ...(typeof reason === 'string' && { reason }) };
}

function listRequest(kind: Listed, { namespace, labelSelector, fieldSelector, limit }: ListOptions, from?: string): ApiRequest {
  const query = {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(limit !== undefined && { limit: String(limit) }),
    ...(from !== undefined && { continue: from }),
  };
  return { method: 'GET', path: collectionPath(kind, namespace), query };
}

interface Listed {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Items of a list carry neither apiVersion nor kind; readers want whole objects. */
function itemsOf(list: JsonValue, { apiVersion, kind }: Listed): readonly KubernetesObject[] {
  const items = (list as JsonObject)['items'];
  return Array.isArray(items) ? (items as unknown as readonly KubernetesObject[]).map((item) => ({ ...item, apiVersion, kind })) : [];
}

/** The one place where an answer of the API becomes an object: the server vouches for its shape. */
function asObject(body: JsonValue): KubernetesObject {
  return body as unknown as KubernetesObject;
}

function toJson(object: KubernetesObject): JsonValue {
  return object as unknown as JsonValue;
}
