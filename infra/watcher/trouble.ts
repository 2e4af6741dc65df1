import { ApiError } from '../../shared/kubernetes/errors.ts';

/** For the log: what went wrong, and what to do about it where a person must. */
export interface TroubleWords extends Readonly<Record<string, string>> {
  readonly error: string;
}

export function troubleWords(error: unknown): TroubleWords {
  const remedy = error instanceof ApiError ? remedies[error.status] : undefined;
  return { error: String(error), ...(remedy !== undefined && { remedy }) };
}

/** The rest mends itself, or says enough. */
const remedies: Readonly<Record<number, string>> = {
  401: "the API server does not accept the watcher's token (expired, revoked, or its ServiceAccount was made anew): give it a valid one; its file is read before every request",
  403: "the watcher's ServiceAccount may not list or watch this kind: install infra/cluster/rbac (or the chart); right after a start of the API server this passes by itself",
  404: 'the API server does not serve this kind: install infra/cluster/crds (or the chart)',
};
