import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { pausedAnnotation } from '../../../shared/api/labels.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../shared/kubernetes/request.ts';
import { listAt } from '../../../shared/kubernetes/unstructured.ts';

/** A change that the API server tried without effect. */
export interface Rehearsed {
  readonly request: ApiRequest;
  /** What stands under the path of the request; null where there is nothing to read. */
  readonly before: JsonValue | null;
  readonly answer: ApiResponse;
}

export interface RehearsalTransport extends Transport {
  readonly rehearsed: readonly Rehearsed[];
  /** What the cluster answered to the last GET of this path; null: never asked, or not found. */
  lastRead(path: string): JsonValue | null;
  /** Of the cluster's answers, the last one that was no success (but for what was not found). */
  lastRefusal(): { readonly request: ApiRequest; readonly answer: ApiResponse } | null;
  /** What kept a request from reaching the cluster; null while all of them did. */
  trouble(): unknown;
}

export interface RehearsalWorld {
  /** The cluster as it is: it is read, reviews access, and is asked to dry-run. */
  readonly cluster: Transport;
  /** Where everything that is ours lives as long as the rehearsal. */
  readonly memory: Transport;
  readonly systemNamespace: string;
}

/**
 * A cluster in which nothing can be changed: our own kinds, locks and Events live in memory, reads and dry runs go to the cluster, and any other
 * write is refused before it leaves this process.
 */
export function createRehearsalTransport({ cluster, memory, systemNamespace }: RehearsalWorld): RehearsalTransport {
  const rehearsed: Rehearsed[] = [];
  const reads = new Map<string, JsonValue>();
  let refusal: ReturnType<RehearsalTransport['lastRefusal']> = null;
  let trouble: unknown = null;

  async function ask(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse> {
    const answer = await cluster.send(request, timeoutMilliseconds).catch((error: unknown) => {
      trouble ??= error;
      throw error;
    });
    if (answer.status >= 400 && answer.status !== 404) refusal = { request, answer };
    return answer;
  }

  async function read(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse> {
    const answer = await ask(request, timeoutMilliseconds);
    if (answer.status === 200) reads.set(request.path, answer.body);
    return isNamespace(request.path) ? { ...answer, body: withoutPause(answer.body) } : answer;
  }

  /** Half of what a plan shows is what stands there now: who may not see it is told so, and shown no half. Throws ApiError. */
  async function standing(path: string, timeoutMilliseconds: number): Promise<ApiResponse> {
    const request = { method: 'GET', path } as const;
    const answer = await ask(request, timeoutMilliseconds);
    if (answer.status === 401 || answer.status === 403) successOf(request, answer);
    return answer;
  }

  async function rehearse(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse> {
    const found = request.method === 'POST' ? null : await standing(request.path, timeoutMilliseconds);
    const answer = await ask(request, timeoutMilliseconds);
    rehearsed.push({ request, before: found?.status === 200 ? found.body : null, answer });
    return answer;
  }

  return {
    rehearsed,
    lastRead: (path) => reads.get(path) ?? null,
    lastRefusal: () => refusal,
    trouble: () => trouble,
    send(request, timeoutMilliseconds) {
      if (isOurs(request, systemNamespace)) return memory.send(request, timeoutMilliseconds);
      if (request.method === 'GET') return read(request, timeoutMilliseconds);
      if (isReview(request)) return ask(request, timeoutMilliseconds);
      if (isDryRun(request)) return rehearse(request, timeoutMilliseconds);
      return Promise.resolve(refused(request));
    },
    watch: (path, query, signal) => memory.watch(path, query, signal),
  };
}

const ourGroups = /^\/apis\/(remediation|aianalysis|workflow|executor)\.kubernaut\.io\//;

function isOurs({ path }: ApiRequest, systemNamespace: string): boolean {
  const inSystem = (group: string, plural: string) => path.startsWith(`${group}/namespaces/${systemNamespace}/${plural}`);
  return ourGroups.test(path) || inSystem('/apis/coordination.k8s.io/v1', 'leases') || inSystem('/api/v1', 'events');
}

function isReview({ method, path }: ApiRequest): boolean {
  return method === 'POST' && path === '/apis/authorization.k8s.io/v1/subjectaccessreviews';
}

/** A DELETE with a body takes its options from there alone. */
function isDryRun({ method, query, body }: ApiRequest): boolean {
  if (query?.['dryRun'] !== 'All') return false;
  return method !== 'DELETE' || listAt(body, 'dryRun').includes('All');
}

function isNamespace(path: string): boolean {
  return /^\/api\/v1\/namespaces\/[^/]+$/.test(path);
}

/** Whether it is paused is told beside the plan: the plan itself is what would be done once it may. */
function withoutPause(body: JsonValue): JsonValue {
  if (!isJsonObject(body) || !isJsonObject(body['metadata'])) return body;
  const { annotations, ...metadata } = body['metadata'];
  if (!isJsonObject(annotations)) return body;
  const { [pausedAnnotation]: _paused, ...others } = annotations;
  return { ...body, metadata: { ...metadata, annotations: others } };
}

function refused({ method, path }: ApiRequest): ApiResponse {
  const body: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Forbidden',
    code: 403,
    message: `a plan changes nothing: ${method} ${path} was not sent`,
  };
  return { status: 403, body };
}
