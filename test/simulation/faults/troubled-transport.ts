import type { TrackedClock } from '../../../infra/local/tracked-clock.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../../../shared/kubernetes/request.ts';
import type { Crossing, Lives } from './lives.ts';
import type { Outage } from './outage.ts';
import type { Fault } from './run.ts';

export interface Trouble {
  readonly fault: Fault;
  readonly clock: TrackedClock;
  readonly lives: Lives;
  readonly outage: Outage;
  /** Serves a late Job, when its time has come; told once its sender gives up. */
  readonly late: (serve: () => Promise<unknown>, afterMilliseconds: number) => void;
  /** 0 to below 1. */
  readonly draw: () => number;
}

const callSecondsMax = 0.4; // with 'at once': enough for one pass to overtake another at any call

/** The functions' way to the cluster. */
export function troubledTransport(calm: Transport, { fault, clock, lives, outage, late, draw }: Trouble): Transport {
  async function served(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse> {
    const number = lives.counts.calls.length;
    const isOfFunction = lives.current() !== null;
    if (isOfFunction) outage.called(number);
    if (outage.isAway('API')) throw new Error('connect ECONNREFUSED');
    if (fault.kind === 'deliveries' && fault.how === 'at once') await clock.sleep(draw() * callSecondsMax * 1_000);
    if (fault.kind === 'late Job' && isOfFunction && crossingOf(request).job === true && lives.counts.effects === fault.effect) {
      late(() => calm.send(request, timeoutMilliseconds), timeoutMilliseconds + fault.seconds * 1_000);
      await clock.sleep(timeoutMilliseconds);
      throw new Error(`no answer within ${timeoutMilliseconds} ms`);
    }
    if (fault.kind !== 'call' || !isOfFunction || number !== fault.call) return calm.send(request, timeoutMilliseconds);
    if (fault.answer !== 'lost') return refusal(Number(fault.answer));
    await calm.send(request, timeoutMilliseconds);
    await clock.sleep(timeoutMilliseconds);
    throw new Error(`no answer within ${timeoutMilliseconds} ms`);
  }
  return {
    send: (request, timeoutMilliseconds) => lives.cross(crossingOf(request), () => served(request, timeoutMilliseconds)),
    watch: calm.watch,
  };
}

/** A dry run and an access review change nothing. */
function crossingOf({ method, path, query }: ApiRequest): Crossing {
  const isWrite = method !== 'GET' && query?.['dryRun'] === undefined && !path.endsWith('accessreviews');
  return { kind: isWrite ? 'write' : 'read', job: isWrite && method === 'POST' && path.endsWith('/jobs') };
}

const reasons: Readonly<Record<number, string>> = { 409: 'Conflict', 429: 'TooManyRequests', 500: 'InternalError' };

function refusal(status: number): ApiResponse {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason: reasons[status] ?? '', message: 'trouble' };
  return { status, body, ...(status === 429 && { retryAfterSeconds: 2 }) };
}

/** The watcher's way to the cluster: it breaks off when the watcher is away, and `watcher killed` has forgotten where it was. */
export function troubledWatches(calm: Transport, { fault, outage }: Trouble): Transport {
  const forgets = fault.kind === 'away' && fault.what === 'watcher killed';
  const expired = new Set<string>();
  const isAway = () => outage.isAway('watcher') || outage.isAway('API');
  return {
    async send(request, timeoutMilliseconds) {
      if (isAway()) throw new Error('connect ECONNREFUSED');
      return calm.send(request, timeoutMilliseconds);
    },
    async *watch(path, query, signal): AsyncIterable<WatchEvent> {
      if (isAway()) throw new Error('connect ECONNREFUSED');
      if (forgets && outage.begins.aborted && !expired.has(path)) {
        expired.add(path);
        throw new ApiError({ status: 410, reason: 'Expired', message: 'too old resource version' });
      }
      const breaks = outage.begins.aborted ? [] : [outage.begins];
      for await (const event of calm.watch(path, query, AbortSignal.any([signal, ...breaks]))) {
        if (isAway()) break;
        yield event;
      }
      if (isAway()) throw new Error('read ECONNRESET');
    },
  };
}
