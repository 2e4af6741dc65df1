import type { ApiRequest, Transport } from '../../../shared/kubernetes/request.ts';

export interface FunctionCounts {
  invocations: number;
  records: number;
  failures: number;
  /** Requests to the cluster by verb: get, list, create, patch, delete, review, dryRun. */
  readonly requests: Record<string, number>;
}

export interface Counts {
  readonly of: (functionName: string) => FunctionCounts;
  readonly all: () => ReadonlyMap<string, FunctionCounts>;
}

export function createCounts(): Counts {
  const functions = new Map<string, FunctionCounts>();
  return {
    of(functionName) {
      const counts = functions.get(functionName) ?? { invocations: 0, records: 0, failures: 0, requests: {} };
      functions.set(functionName, counts);
      return counts;
    },
    all: () => functions,
  };
}

/** Counts what a function asks of the cluster; the request itself passes untouched. */
export function counted(transport: Transport, counts: FunctionCounts): Transport {
  return {
    send(request, timeoutMilliseconds) {
      const verb = verbOf(request);
      counts.requests[verb] = (counts.requests[verb] ?? 0) + 1;
      return transport.send(request, timeoutMilliseconds);
    },
    watch: (path, query, signal) => transport.watch(path, query, signal),
  };
}

/** Access reviews and dry runs are told apart from reads and writes: they are what safety costs. */
function verbOf({ method, path, query }: ApiRequest): string {
  if (path.endsWith('/subjectaccessreviews')) return 'review';
  if (query?.['dryRun'] !== undefined) return 'dryRun';
  switch (method) {
    case 'GET':
      return isCollection(path) ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
  }
}

/** `/api/v1/namespaces/x/pods` and `/apis/g/v1/things` end in a plural; one more segment is a name. */
function isCollection(path: string): boolean {
  const segments = path.split('/').filter((segment) => segment !== '');
  const resource = segments.slice(segments[0] === 'apis' ? 3 : 2);
  const within = resource[0] === 'namespaces' && resource.length > 2 ? resource.slice(2) : resource;
  return within.length === 1;
}

export interface CountTotals {
  /** Received from alerts and the kinds' queues. */
  readonly queueMessages: number;
  readonly auditMessages: number;
  readonly functionInvocations: number;
  /** Of the functions, the sweeper's apart. */
  readonly kubernetesRequests: number;
  readonly sweeperRequests: number;
  readonly kubernetesRequestsByVerb: Readonly<Record<string, number>>;
}

export function totalsOf(counts: Counts): CountTotals {
  const entries = [...counts.all()];
  const sum = (chosen: (name: string) => boolean, figure: (counts: FunctionCounts) => number) =>
    entries.filter(([name]) => chosen(name)).reduce((total, [, each]) => total + figure(each), 0);
  const requests = (each: FunctionCounts) => Object.values(each.requests).reduce((total, count) => total + count, 0);
  const byVerb: Record<string, number> = {};
  for (const [name, each] of entries) {
    if (name === 'sweeper') continue;
    for (const [verb, count] of Object.entries(each.requests)) byVerb[verb] = (byVerb[verb] ?? 0) + count;
  }
  return {
    queueMessages: sum(
      (name) => name !== 'audit-writer',
      ({ records }) => records,
    ),
    auditMessages: sum(
      (name) => name === 'audit-writer',
      ({ records }) => records,
    ),
    functionInvocations: sum(
      () => true,
      ({ invocations }) => invocations,
    ),
    kubernetesRequests: sum((name) => name !== 'sweeper', requests),
    sweeperRequests: sum((name) => name === 'sweeper', requests),
    kubernetesRequestsByVerb: byVerb,
  };
}
