import { AsyncLocalStorage } from 'node:async_hooks';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { builtInTypes } from './built-in-types.ts';
import { createObject } from './create.ts';
import { followDefinitions } from './definitions.ts';
import type { Extensions } from './extension.ts';
import { startGarbageCollection } from './garbage-collection.ts';
import { podLogs } from './pod-logs.ts';
import { createRequestHandler } from './request-handler.ts';
import { resourceCall } from './resource-call.ts';
import { resourceTypes } from './resource-types.ts';
import { administrator, type Sandbox, type SandboxRequest } from './sandbox.ts';
import type { ServerContext } from './server-context.ts';
import { createStore } from './store.ts';
import { sandboxTransport } from './transport.ts';
import { watchHistory } from './watch-history.ts';

export interface SandboxOptions {
  readonly clock: TrackedClock;
  readonly randomUuid: () => string;
  readonly extensions: Extensions;
  /** How many changes of a resource a watch can resume over; then 410. */
  readonly watchWindowEvents?: number;
  /** Faults for tests: an answer takes the place of the server's, a rejection is trouble in reaching it, null lets the request pass. */
  readonly beforeServe?: (request: SandboxRequest) => Promise<ApiResponse | null>;
}

const defaultWatchWindowEvents = 4_096; // a watcher away for minutes resumes; a day's history is not kept

const initialNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** An API server with the namespaces that every cluster has, and nothing else in it. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { clock, beforeServe } = options;
  const server = createServer(options);
  const handler = createRequestHandler(server);
  const injected = async (request: SandboxRequest): Promise<ApiResponse | null> => (await beforeServe?.(request)) ?? null;
  const serve = async (request: SandboxRequest): Promise<ApiResponse> => (await injected(request)) ?? handler.serve(request);
  const watch: Sandbox['watch'] = async (request, signal) => (await injected(request)) ?? handler.watch(request, signal);
  return {
    serve,
    watch,
    transport: (user) => sandboxTransport({ serve, watch }, user, beforeServe === undefined ? null : clock),
    appendLog: (podUid, container, text) => server.logs.append(podUid, container, text),
    close() {
      for (const stream of server.streams) stream.end();
    },
  };
}

function createServer({ clock, randomUuid, extensions, watchWindowEvents = defaultWatchWindowEvents }: SandboxOptions): ServerContext {
  const store = createStore();
  const server: ServerContext = {
    store,
    types: resourceTypes(builtInTypes),
    history: watchHistory(store, watchWindowEvents),
    logs: podLogs(store),
    extensions,
    clock,
    randomUuid,
    streams: new Set(),
    detached: AsyncLocalStorage.snapshot(),
  };
  followDefinitions(server);
  startGarbageCollection(server);
  for (const name of initialNamespaces) createNamespace(server, name);
  return server;
}

/** At once: no webhook is there yet. */
function createNamespace(server: ServerContext, name: string): void {
  const namespaces = builtInTypes.find(({ plural }) => plural === 'namespaces');
  if (namespaces === undefined) throw new Error('the built-in types lack namespaces');
  const request: SandboxRequest = { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } }, user: administrator };
  void createObject(server, resourceCall(request, { type: namespaces, namespace: undefined, name: '', subresource: '' }));
}
