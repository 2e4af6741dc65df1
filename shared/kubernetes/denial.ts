import { accessReviewPath } from './access-review.ts';
import { ApiError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { valueAt } from './unstructured.ts';

export type Ask = (request: ApiRequest) => Promise<ApiResponse>;

const readiness: ApiRequest = { method: 'GET', path: '/readyz' };

/**
 * An API server that has just started denies everything for a moment: it answers before it has read its roles and bindings, in the words of a true denial, access reviews too
 * (seen with 1.36, for 30 to 150 ms after a kill). So a denial is believed only if the server is ready, which it is not before it has read them, and says it again after that. What was
 * denied changed nothing, so asking again is harmless. Throws 503 while the server is not ready.
 */
export function confirmingDenials(ask: Ask): Ask {
  return async (request) => {
    const answer = await ask(request);
    if (!isDenial(request, answer)) return answer;
    const { status } = await ask(readiness);
    if (status === 200) return ask(request);
    const denied = `${request.method} ${request.path} was denied`;
    const message = `${denied} by an API server that is not ready (its ${readiness.path} answers ${status} and must answer 200): its rules may not be known to it yet`;
    throw new ApiError({ status: 503, reason: 'ServiceUnavailable', message });
  };
}

function isDenial({ path }: ApiRequest, { status, body }: ApiResponse): boolean {
  return status === 403 || (path === accessReviewPath && status === 201 && valueAt(body, 'status', 'allowed') !== true);
}
