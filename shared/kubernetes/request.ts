import type { JsonObject, JsonValue } from '../api/json.ts';

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

/** One request to a Kubernetes API server, as data: what an adapter sends, a dry run rehearses and a sandbox answers. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without query: `/apis/apps/v1/namespaces/production/deployments/payment-api/scale`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Needed for PATCH; other bodies are JSON. */
  readonly patchType?: PatchType;
  readonly body?: JsonValue;
  /** A user name to act as (`system:serviceaccount:<namespace>:<name>`); its groups are derived by the server. */
  readonly impersonate?: string;
}

/** `body` is parsed JSON, or text when the server answered text (pods/log). An error carries a Status object. */
export interface ApiResponse {
  readonly status: number;
  readonly body: JsonValue;
  readonly retryAfterSeconds?: number;
  /** What the server has to say beside its answer: an admission webhook's warnings, for one. */
  readonly warnings?: readonly string[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonObject;
}

/** How requests reach an API server. Two adapters exist: HTTPS by kubeconfig, and the sandbox in process. */
export interface Transport {
  /** Any answer of the server is a value, errors too; only trouble in reaching it (timeout, refused connection) throws. */
  send(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse>;
  /** Events until the server ends the watch (the iteration ends) or the signal aborts (it ends too). Throws ApiError for an answer other than 200. */
  watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<WatchEvent>;
}
