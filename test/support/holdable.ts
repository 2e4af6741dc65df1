import type { Transport } from '../../shared/kubernetes/request.ts';

/** The functions' way to the cluster, of which a test may take away the writes about one object: as where a queue is slow, and nobody is there to say that a time is over. */
export interface HoldableFunctions {
  readonly around: (transport: Transport) => Transport;
  /** From now on nothing of theirs is written to this path or below it. */
  hold(path: string): void;
  release(path: string): void;
  /** What they themselves reach the cluster with, held or not. */
  readonly free: () => Transport;
}

export function holdableFunctions(): HoldableFunctions {
  const held = new Set<string>();
  let theirs: Transport | null = null;
  return {
    around(transport) {
      theirs = transport;
      return {
        send: (request, timeoutMilliseconds) =>
          request.method !== 'GET' && [...held].some((path) => request.path.startsWith(path))
            ? Promise.reject(new Error(`${request.method} ${request.path}: held by the test`))
            : transport.send(request, timeoutMilliseconds),
        watch: (path, query, signal) => transport.watch(path, query, signal),
      };
    },
    hold: (path) => void held.add(path),
    release: (path) => void held.delete(path),
    free() {
      if (theirs === null) throw new Error('the functions have not begun yet');
      return theirs;
    },
  };
}
