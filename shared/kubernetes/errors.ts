/** An answer of the API server that is no success. `message` is the trail of what was tried, then the server's words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Kubernetes' own word: NotFound, AlreadyExists, Conflict, Invalid, Forbidden, Expired … */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(answer: { readonly status: number; readonly reason: string; readonly message: string; readonly retryAfterSeconds?: number | undefined }) {
    super(answer.message);
    this.status = answer.status;
    this.reason = answer.reason;
    this.retryAfterSeconds = answer.retryAfterSeconds;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** A resourceVersion, uid or test precondition that no longer holds. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

export function isThrottled(error: unknown): boolean {
  return error instanceof ApiError && error.status === 429;
}

/** Refused for good: the same request would be refused again (denied by RBAC or admission, or for its content). */
export function isRefused(error: unknown): boolean {
  return error instanceof ApiError && [400, 403, 413, 422].includes(error.status);
}
