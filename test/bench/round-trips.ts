import type { ApiRequest, Transport } from '../../shared/kubernetes/request.ts';

/** One request to the API server, from its sending to its answer. */
export interface RoundTrip {
  readonly kind: 'read' | 'write';
  readonly begunAt: number;
  readonly endedAt: number;
}

export interface RoundTrips {
  around(transport: Transport): Transport;
  /** Those that began and ended within, in milliseconds of `performance.now()`. */
  between(from: number, to: number): readonly RoundTrip[];
}

export function recordRoundTrips(): RoundTrips {
  const trips: RoundTrip[] = [];
  return {
    around: (transport) => ({
      async send(request, timeoutMilliseconds) {
        const begunAt = performance.now();
        try {
          return await transport.send(request, timeoutMilliseconds);
        } finally {
          trips.push({ kind: kindOf(request), begunAt, endedAt: performance.now() });
        }
      },
      watch: (path, query, signal) => transport.watch(path, query, signal),
    }),
    between: (from, to) => trips.filter(({ begunAt, endedAt }) => begunAt >= from && endedAt <= to),
  };
}

/** The most round trips of which none began before the one before it had ended: what no parallelism can shorten. */
export function longestChain(trips: readonly RoundTrip[]): readonly RoundTrip[] {
  const chain: RoundTrip[] = [];
  for (const trip of trips.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (trip.begunAt >= (chain.at(-1)?.endedAt ?? 0)) chain.push(trip);
  }
  return chain;
}

/** A review is created and kept nowhere; a dry run is admitted and kept nowhere: to an API server both are reads of its own memory. */
function kindOf({ method, path, query }: ApiRequest): RoundTrip['kind'] {
  const isKept = method !== 'GET' && !path.endsWith('/subjectaccessreviews') && query?.['dryRun'] === undefined;
  return isKept ? 'write' : 'read';
}
