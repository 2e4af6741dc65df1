import { isJsonObject } from '../../../shared/api/json.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { ApiResponse, Transport, WatchEvent } from '../../../shared/kubernetes/request.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { stringAt } from './object.ts';
import type { Sandbox, UserInfo } from './sandbox.ts';

/**
 * The sandbox as a port, with an identity baked in. With a clock, an answer that does not come in time is trouble in reaching the
 * server, and the request may yet be served; without one every answer comes at once, and virtual time gets no timer to jump to.
 */
export function sandboxTransport({ serve, watch }: Pick<Sandbox, 'serve' | 'watch'>, user: UserInfo, clock: TrackedClock | null): Transport {
  return {
    send(request, timeoutMilliseconds) {
      const answer = serve({ ...request, user });
      return clock === null ? answer : beforeDeadline(clock, timeoutMilliseconds, answer);
    },
    async *watch(path, query, signal) {
      const opened = await watch({ method: 'GET', path, query, user }, signal);
      if (isEvents(opened)) yield* opened;
      else throw watchRefused(path, opened);
    },
  };
}

async function beforeDeadline(clock: TrackedClock, timeoutMilliseconds: number, answer: Promise<ApiResponse>): Promise<ApiResponse> {
  const answered = new AbortController();
  const deadline = clock.sleep(timeoutMilliseconds, answered.signal).then(
    () => Promise.reject(new Error(`no answer within ${timeoutMilliseconds} ms`)),
    () => answer,
  );
  return Promise.race([answer, deadline]).finally(() => answered.abort());
}

function isEvents(opened: ApiResponse | AsyncIterable<WatchEvent>): opened is AsyncIterable<WatchEvent> {
  return Symbol.asyncIterator in opened;
}

function watchRefused(path: string, { status, body, retryAfterSeconds }: ApiResponse): ApiError {
  const { reason, message } = isJsonObject(body)
    ? { reason: stringAt(body, 'reason'), message: stringAt(body, 'message') }
    : { reason: '', message: `status ${status}` };
  return new ApiError({ status, reason, message: `watching ${path}: ${message}`, retryAfterSeconds });
}
