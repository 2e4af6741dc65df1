import { DatabaseUnavailable } from '../audit/database-unavailable.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { SecretUnreadable } from '../secret-unreadable.ts';
import { QueueFailed, SendFailed } from '../queue/ports.ts';
import { TimeIsOver } from '../time-left.ts';
import { ClusterUnreachable } from '../kubernetes/unreachable.ts';

/** Why a message comes again or ends as a dead letter. A dimension of a metric, each value of which is paid for: so they are few, and no error brings one along. */
export const RetryReason = ['unreachable', 'throttled', 'unavailable', 'forbidden', 'conflict', 'refused', 'out_of_time', 'queue', 'secret', 'error'] as const;
export type RetryReason = (typeof RetryReason)[number];

export function retryReason(error: unknown): RetryReason {
  if (error instanceof ApiError) return reasonOfStatus(error.status);
  if (error instanceof ClusterUnreachable || error instanceof DatabaseUnavailable) return 'unreachable';
  if (error instanceof TimeIsOver) return 'out_of_time';
  if (error instanceof SendFailed || error instanceof QueueFailed) return 'queue';
  if (error instanceof SecretUnreadable) return 'secret';
  return 'error';
}

function reasonOfStatus(status: number): RetryReason {
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status === 401 || status === 403) return 'forbidden';
  return status === 409 ? 'conflict' : 'refused';
}
