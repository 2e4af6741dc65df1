import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import { asOperatorFailure, OperatorFailure } from './operator-failure.ts';

const words = (status: number, reason: string, message: string) => {
  const told = asOperatorFailure(new ApiError({ status, reason, message: `PATCH /apis/x: ${message}` }));
  expect(told).toBeInstanceOf(OperatorFailure);
  return told instanceof Error ? told.message : '';
};

describe('what the API refuses', () => {
  it.each<[string, number, string, string, string]>([
    [
      'by admission, in its own words',
      403,
      'Forbidden',
      'admission webhook "admission.kubernaut.io" denied the request: the plan has changed: look at it again',
      'the plan has changed: look at it again',
    ],
    ['for want of a right', 403, 'Forbidden', 'User "ada" cannot patch resource', 'not permitted: User "ada" cannot patch resource; ask whoever'],
    ['to strangers', 401, 'Unauthorized', 'Unauthorized', 'the API does not accept the credentials of the kubeconfig: log in again'],
    ['for a kind that it does not know', 404, '', 'status 404', 'install the product'],
    ['for an object that went', 404, 'NotFound', 'namespaces "x" not found', 'namespaces "x" not found: it is gone by now'],
    ['because another was faster', 409, 'Conflict', 'the object has been modified', 'changed at the same moment; try again'],
    ['because it is busy', 429, '', 'slow down', 'the API is busy (slow down): try again'],
    ['in its own trouble', 503, '', 'etcd is away', 'the API is in trouble (etcd is away): try again'],
    ['for its content', 422, 'Invalid', 'cancel cannot be taken back', 'cancel cannot be taken back'],
  ])('%s, is one sentence', (_sentence, status, reason, message, expected) => {
    expect(words(status, reason, message)).toContain(expected);
  });

  it('is all that is translated', () => {
    const bug = new TypeError('x is undefined');
    expect(asOperatorFailure(bug)).toBe(bug);
  });
});
