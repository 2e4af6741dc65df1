import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import type { ApiResponse, Transport, WatchEvent } from '../../shared/kubernetes/request.ts';
import { client, take, type ApiClient } from '../support/api-client.ts';

/** An API server under test, reached only as every client reaches it. */
export interface Target {
  /** An administrator's. */
  readonly transport: Transport;
  /** Lets the cluster work on its own for a moment: its garbage collector, its establishing of definitions. */
  pause(): Promise<void>;
  /** Lets this much of the cluster's time pass. */
  elapse(seconds: number): Promise<void>;
  close(): Promise<void>;
}

export type TargetFactory = () => Promise<Target>;

/** What a suite works with: an API, and a namespace of its own in it. */
export interface Subject extends ApiClient, Pick<Target, 'elapse'> {
  readonly namespace: string;
  /** The same API on behalf of another user. */
  as(user: string): ApiClient;
  /** User name of a ServiceAccount of our namespace. */
  account(name: string): string;
  /** `/api/v1/namespaces/<ours>/<plural>`, or under the group and version. */
  path(plural: string, groupVersion?: string): string;
  /** Events until the server ends the watch; throws what it refuses it with. */
  watchedToEnd(path: string, query: Readonly<Record<string, string>>): Promise<readonly WatchEvent[]>;
  /** Opens a watch, and returns what comes; ends it after `count` events. */
  watched(path: string, query: Readonly<Record<string, string>>, count: number): Promise<readonly WatchEvent[]>;
  /** Asks until it holds; fails with the last answer when it never does. */
  eventually(ask: () => Promise<ApiResponse>, holds: (answer: ApiResponse) => boolean): Promise<ApiResponse>;
}

const pausesMax = 300;

export async function subjectOf({ transport, pause, elapse }: Target): Promise<Subject> {
  const api = client(transport);
  const made = await api.send('POST', '/api/v1/namespaces', { metadata: { generateName: 'conformance-' } });
  const namespace = String(metadataOf(made)['name'] as string);
  return {
    ...api,
    namespace,
    elapse,
    as: (user) => client({ ...transport, send: (request, timeoutMilliseconds) => transport.send({ ...request, impersonate: user }, timeoutMilliseconds) }),
    account: (name) => `system:serviceaccount:${namespace}:${name}`,
    watchedToEnd: (path, query) => take(transport.watch(path, query, new AbortController().signal), Number.POSITIVE_INFINITY),
    path: (plural, groupVersion) => `${groupVersion === undefined ? '/api/v1' : `/apis/${groupVersion}`}/namespaces/${namespace}/${plural}`,
    async watched(path, query, count) {
      const ending = new AbortController();
      try {
        return await take(transport.watch(path, { timeoutSeconds: '20', ...query }, ending.signal), count);
      } finally {
        ending.abort();
      }
    },
    async eventually(ask, holds) {
      let answer = await ask();
      for (let count = 0; count < pausesMax && !holds(answer); count += 1) {
        await pause();
        answer = await ask();
      }
      if (!holds(answer)) throw new Error(`never came: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}

export function metadataOf({ body }: ApiResponse): JsonObject {
  return objectAt(body, 'metadata');
}

export function objectAt(parent: JsonValue | undefined, member: string): JsonObject {
  const value = isObject(parent) ? parent[member] : undefined;
  return isObject(value) ? value : {};
}

/** `name` of every item of a list. */
export function itemNames({ body }: ApiResponse): readonly unknown[] {
  const items = isObject(body) ? body['items'] : undefined;
  return Array.isArray(items) ? items.map((item: JsonValue) => objectAt(item, 'metadata')['name']) : [];
}

/** `TYPE name` of each event. */
export function told(events: readonly WatchEvent[]): readonly string[] {
  return events.map(({ type, object }) => `${type} ${String(objectAt(object, 'metadata')['name'] as string)}`);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
