import { describe, expect, it } from 'vitest';
import { confirmingDenials } from './denial.ts';
import { createCluster } from './cluster.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

const forbidden: ApiResponse = {
  status: 403,
  body: { kind: 'Status', reason: 'Forbidden', message: 'deployments.apps "d" is forbidden: User "f" cannot get it' },
};
const found: ApiResponse = { status: 200, body: { metadata: { name: 'd' } } };
const reviewed = (allowed: boolean): ApiResponse => ({ status: 201, body: { kind: 'SubjectAccessReview', status: { allowed } } });
const notReady: ApiResponse = { status: 500, body: '[-]poststarthook/rbac/bootstrap-roles failed: reason withheld' };
const ready: ApiResponse = { status: 200, body: 'ok' };

const getDeployment: ApiRequest = { method: 'GET', path: '/apis/apps/v1/namespaces/production/deployments/d' };
const review: ApiRequest = { method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body: {} };

/** A server that gives these answers in turn, and what it was asked for them. */
function aServer(answers: readonly ApiResponse[]) {
  const asked: string[] = [];
  const left = [...answers];
  const ask = confirmingDenials((request) => {
    asked.push(request.path);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody expected ${request.path}`);
    return Promise.resolve(answer);
  });
  return { ask, asked };
}

describe('a denial', () => {
  it.each<[sentence: string, request: ApiRequest, answers: readonly ApiResponse[], believed: ApiResponse]>([
    ['nothing denied', getDeployment, [found], found],
    ['a review that permits', review, [reviewed(true)], reviewed(true)],
    ['a true denial, said again by a server that is ready', getDeployment, [forbidden, ready, forbidden], forbidden],
    ['a true denial of a review', review, [reviewed(false), ready, reviewed(false)], reviewed(false)],
    ['a server that became ready between the denial and the question', getDeployment, [forbidden, ready, found], found],
    ['a review of a server that became ready in between', review, [reviewed(false), ready, reviewed(true)], reviewed(true)],
    [
      'a creation that answers 201 and is no review',
      { method: 'POST', path: '/apis/batch/v1/namespaces/n/jobs' },
      [{ status: 201, body: {} }],
      { status: 201, body: {} },
    ],
  ])('is asked for and believed: %s', async (_sentence, request, answers, believed) => {
    const { ask, asked } = aServer(answers);
    expect(await ask(request)).toEqual(believed);
    expect(asked).toEqual([request.path, '/readyz', request.path].slice(0, answers.length));
  });

  it.each<[sentence: string, request: ApiRequest, answers: readonly ApiResponse[], status: number]>([
    ['denies its own /readyz', getDeployment, [forbidden, forbidden], 403],
    ['is not ready', getDeployment, [forbidden, notReady], 500],
    ['reviews and is not ready', review, [reviewed(false), notReady], 500],
  ])('is trouble, which the queue retries, of a server that %s', async (_sentence, request, answers, status) => {
    const { ask } = aServer(answers);
    await expect(ask(request)).rejects.toMatchObject({ status: 503, message: expect.stringContaining(`its /readyz answers ${status} and must answer 200`) });
  });

  it('never becomes a verdict about an account while the server starts', async () => {
    const answers: Record<string, ApiResponse> = { '/readyz': notReady, [review.path]: reviewed(false) };
    const transport = {
      send: ({ path }: ApiRequest) => Promise.resolve(answers[path] ?? forbidden),
      watch: () => {
        throw new Error('nothing here watches');
      },
    };
    const cluster = createCluster({ transport, namespace: 'kubernaut-system', timeoutMilliseconds: () => 1_000 });
    const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] }];
    await expect(cluster.reviewAccess('scale-deployment-sa', rules, 'production')).rejects.toMatchObject({ status: 503 });
    await expect(cluster.dryRun('scale-deployment-sa', [{ method: 'PATCH', path: '/x', body: {} }])).rejects.toMatchObject({ status: 503 });
    await expect(cluster.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'kubernaut-system' } })).rejects.toMatchObject({
      status: 503,
    });
  });
});
