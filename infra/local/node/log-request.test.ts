import { describe, expect, it } from 'vitest';
import { parseLogRequest } from './log-request.ts';

describe('a request for a log', () => {
  it.each<[url: string, asked: object]>([
    ['/containerLogs/production/payment-api-1/app', { namespace: 'production', pod: 'payment-api-1', container: 'app', follow: false, previous: false }],
    ['/containerLogs/a/b/c?follow=true&tailLines=20&limitBytes=1048576', { follow: true, bounds: { tailLines: 20, limitBytes: 1_048_576 } }],
    ['/containerLogs/a/b/c?timestamps=false&previous=true', { previous: true, bounds: { tailLines: undefined, limitBytes: undefined } }],
  ])('%s is understood', (url, asked) => {
    expect(parseLogRequest(url)).toMatchObject({ kind: 'log', ...asked });
  });

  it.each<[url: string, status: number, words: string]>([
    ['/pods', 404, '/pods: this node serves /containerLogs only'],
    ['/containerLogs/a/b', 404, 'this node serves /containerLogs only'],
    ['/exec/a/b/c?command=sh', 404, 'this node serves /containerLogs only'],
    ['/containerLogs/a/b/c?timestamps=true', 400, 'timestamps: this node keeps no times of log lines'],
    ['/containerLogs/a/b/c?sinceSeconds=60', 400, 'sinceSeconds: this node keeps no times of log lines'],
    ['/containerLogs/a/b/c?tailLines=-1', 400, 'tailLines: -1 is no whole number'],
  ])('%s is refused', (url, status, words) => {
    expect(parseLogRequest(url)).toEqual({ kind: 'refused', status, text: expect.stringContaining(words) as string });
  });
});
