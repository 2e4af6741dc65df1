import type { Clock } from '../clock.ts';
import { unreachable } from './unreachable.ts';
import { wordsOf } from './cluster.ts';
import type { ApiResponse, Transport } from './request.ts';

/** Credentials that come from somewhere else, and are renewed there. */
export interface Access {
  /** A transport with the credentials of now. `refused`: those it gave last were not accepted, so they are fetched or made anew. */
  open(refused: boolean): Promise<Transport>;
  /** What to do about a 401 that stays: "give …". */
  readonly refusedRemedy: string;
  /** What to do when the server is not reached. */
  readonly unreachedRemedy: string;
}

const renewalMillisecondsMin = 10_000; // credentials that are refused for good must not turn each call into one to where they come from

/**
 * A 401 says that nothing was done, so the same request is sent once more with renewed credentials. No other answer and no trouble is repeated here: a request that timed out may
 * still be applied, and the callers know which of theirs are harmless.
 */
export function renewingTransport({ refusedRemedy, unreachedRemedy, ...access }: Access, clock: Clock): Transport {
  const open = (refused: boolean) => access.open(refused);
  let renewal: { readonly done: Promise<unknown>; readonly atMilliseconds: number } | undefined;
  /** One renewal serves all calls that were refused meanwhile. False: the last one is too fresh for another. */
  const renew = async (sentMilliseconds: number): Promise<boolean> => {
    const now = clock.milliseconds();
    const isFresh = renewal !== undefined && now - renewal.atMilliseconds < renewalMillisecondsMin;
    if (!isFresh) renewal = { done: open(true), atMilliseconds: now };
    await renewal?.done;
    return renewal !== undefined && renewal.atMilliseconds >= sentMilliseconds;
  };
  return {
    async send(request, timeoutMilliseconds) {
      const end = clock.milliseconds() + timeoutMilliseconds;
      const attempt = async (): Promise<ApiResponse> => {
        const transport = await open(false);
        return transport.send(request, Math.max(1, end - clock.milliseconds())).catch((error: unknown) => {
          throw unreachable(error, unreachedRemedy);
        });
      };
      const sentMilliseconds = clock.milliseconds();
      const answer = await attempt();
      if (answer.status !== 401) return answer;
      const again = (await renew(sentMilliseconds)) ? await attempt() : answer;
      return again.status === 401 ? withRemedy(again, refusedRemedy) : again;
    },

    async *watch(path, query, signal) {
      yield* (await open(false)).watch(path, query, signal);
    },
  };
}

function withRemedy(answer: ApiResponse, remedy: string): ApiResponse {
  return { ...answer, body: { kind: 'Status', reason: 'Unauthorized', message: `${wordsOf(answer.body, answer.status)}: ${remedy}` } };
}
