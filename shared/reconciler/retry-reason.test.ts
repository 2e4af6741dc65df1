import { DatabaseUnavailable } from '../audit/database-unavailable.ts';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../kubernetes/errors.ts';
import { ClusterUnreachable } from '../kubernetes/unreachable.ts';
import { QueueFailed, SendFailed } from '../queue/ports.ts';
import { SecretUnreadable } from '../secret-unreadable.ts';
import { TimeIsOver } from '../time-left.ts';
import { retryReason, type RetryReason } from './retry-reason.ts';

const answered = (status: number) => new ApiError({ status, reason: '', message: '' });

describe('the reason of a retry', () => {
  it.each<[sentence: string, error: unknown, reason: RetryReason]>([
    ['nobody answers', new ClusterUnreachable('refused'), 'unreachable'],
    ['the API server asks for patience', answered(429), 'throttled'],
    ['the API server is in trouble', answered(503), 'unavailable'],
    ['the token is not accepted', answered(401), 'forbidden'],
    ['a role is missing', answered(403), 'forbidden'],
    ['somebody else wrote', answered(409), 'conflict'],
    ['the content is refused', answered(422), 'refused'],
    ['the invocation ends', new TimeIsOver('0 ms are left'), 'out_of_time'],
    ['SQS does not confirm', new SendFailed('no queue'), 'queue'],
    ['SQS does not say how full it is', new QueueFailed('no queue'), 'queue'],
    ['the database is away', new DatabaseUnavailable({ problem: 'away', remedy: 'bring it back' }, undefined), 'unreachable'],
    ['a secret is not given', new SecretUnreadable('denied'), 'secret'],
    ['anything else', new TypeError('a bug'), 'error'],
    ['what was thrown is no error', 'text', 'error'],
  ])('%s', (_sentence, error, reason) => {
    expect(retryReason(error)).toBe(reason);
  });
});
