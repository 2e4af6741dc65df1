import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import type { ApiResponse, PatchType, Transport, WatchEvent } from '../../shared/kubernetes/request.ts';

export type Query = Readonly<Record<string, string>>;

export interface ApiClient {
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: JsonValue, query?: Query): Promise<ApiResponse>;
  patch(type: keyof typeof patchTypes, path: string, body: JsonValue, query?: Query): Promise<ApiResponse>;
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const satisfies Record<string, PatchType>;

const timeoutMilliseconds = 10_000;

/** For tests that turn on what the API itself answers: every answer is a value. */
export function client(transport: Transport): ApiClient {
  return {
    send: (method, path, body, query) =>
      transport.send({ method, path, ...(body !== undefined && { body }), ...(query !== undefined && { query }) }, timeoutMilliseconds),
    patch: (type, path, body, query = {}) => transport.send({ method: 'PATCH', path, patchType: patchTypes[type], body, query }, timeoutMilliseconds),
  };
}

/** The next events of a watch; fewer when it ends before. */
export async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<readonly WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

export function named(name: string, more: JsonObject = {}): JsonObject {
  return { metadata: { name }, ...more };
}
