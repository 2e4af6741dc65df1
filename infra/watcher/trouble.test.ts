import { describe, expect, it } from 'vitest';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import { troubleWords } from './trouble.ts';

const answered = (status: number) => new ApiError({ status, reason: '', message: 'GET /apis/x: the words of the server' });

describe('the words about trouble', () => {
  it.each([
    ['a token that the server does not accept', 401, "does not accept the watcher's token"],
    ['an account that may not', 403, 'may not list or watch this kind'],
    ['a kind that is not served', 404, 'does not serve this kind'],
  ])('name the remedy of %s', (_sentence, status, remedy) => {
    expect(troubleWords(answered(status))).toEqual({ error: 'ApiError: GET /apis/x: the words of the server', remedy: expect.stringContaining(remedy) });
  });

  it.each([
    ['a server that is away', new Error('GET /apis/x: connect ECONNREFUSED')],
    ['a server in trouble', answered(503)],
  ])('say only what happened to %s', (_sentence, error) => {
    expect(troubleWords(error)).toEqual({ error: String(error) });
  });
});
