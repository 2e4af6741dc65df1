import { AsyncLocalStorage } from 'node:async_hooks';
import type { TrackedClock } from '../../infra/local/tracked-clock.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../../shared/kubernetes/request.ts';
import type { Invocations } from './dying-invocations.ts';
import type { Weather } from './weather.ts';

const lateSecondsMax = 60;
const callTimeoutMilliseconds = 10_000;

/** The cluster as a function meets it on a bad day. */
export function faultyTransport(calm: Transport, weather: Weather, clock: TrackedClock, invocations: Invocations): Transport {
  const detached = AsyncLocalStorage.snapshot();

  async function sendThrough(request: ApiRequest, timeoutMilliseconds: number): Promise<ApiResponse> {
    const serve = () => calm.send(request, timeoutMilliseconds);
    if (!weather.befalls(request) || !weather.strikes(weather.requestSeverity)) return serve();
    const fault = weather.oneOf(weather.faults);
    switch (fault) {
      case 'error':
        return statusOf(weather.oneOf([500, 503]));
      case 'throttled':
        return { ...statusOf(429), retryAfterSeconds: Math.ceil(weather.between(0, 3)) };
      case 'unreachable':
        throw new Error('read ECONNRESET');
      case 'lost answer':
        await serve();
        throw new Error('socket hang up');
      case 'twice':
        await serve();
        return serve();
      case 'slow answer':
      case 'slow request':
        return slowly(serve, fault, timeoutMilliseconds);
      case 'late':
        serveLater(request);
        await clock.sleep(timeoutMilliseconds);
        throw new Error(`no answer within ${timeoutMilliseconds} ms`);
    }
  }

  async function slowly(serve: () => Promise<ApiResponse>, fault: 'slow answer' | 'slow request', timeoutMilliseconds: number): Promise<ApiResponse> {
    const delay = weather.between(0, timeoutMilliseconds);
    if (fault === 'slow request') {
      await clock.sleep(delay);
      return serve();
    }
    const answer = await serve();
    await clock.sleep(delay);
    return answer;
  }

  /** Outside of the invocation that asked: it has given up, and may be over by then. */
  function serveLater(request: ApiRequest): void {
    const seconds = weather.between(0, lateSecondsMax);
    detached(() => {
      void clock.track(async () => {
        await clock.sleep(seconds * 1_000);
        await calm.send(request, callTimeoutMilliseconds);
      });
    });
  }

  return {
    send: (request, timeoutMilliseconds) => invocations.reach(() => sendThrough(request, timeoutMilliseconds)),
    watch: calm.watch,
  };
}

const eventsMax = 60;

/** The watcher's way: lists fail, and watches break off, sometimes so that it must list anew. */
export function faultyWatches(calm: Transport, weather: Weather): Transport {
  return {
    async send(request, timeoutMilliseconds) {
      if (weather.strikes(weather.severity)) throw new Error('read ECONNRESET');
      return calm.send(request, timeoutMilliseconds);
    },
    async *watch(path, query, signal): AsyncIterable<WatchEvent> {
      let left = Math.floor(weather.between(1, eventsMax));
      for await (const event of calm.watch(path, query, signal)) {
        yield event;
        left -= 1;
        if (left > 0 || !weather.isStormy()) continue;
        if (weather.draw() < 0.3) throw new ApiError({ status: 410, reason: 'Expired', message: 'too old resource version' });
        throw new Error('read ECONNRESET');
      }
    },
  };
}

function statusOf(status: number): ApiResponse {
  return { status, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: 'a storm' } };
}
