import { describe, expect, it } from 'vitest';
import { pausedAnnotation } from '../../../shared/api/labels.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../shared/kubernetes/request.ts';
import { createRehearsalTransport } from './rehearsal-transport.ts';

/** Answers everything, and remembers what was asked of it. */
function aServer(answer: (request: ApiRequest) => ApiResponse = () => ({ status: 200, body: {} })): Transport & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    send(request) {
      asked.push(`${request.method} ${request.path}`);
      return Promise.resolve(request).then(answer);
    },
    async *watch() {
      // nothing happens there
    },
  };
}

function aRehearsal(answer?: (request: ApiRequest) => ApiResponse) {
  const [cluster, memory] = [aServer(answer), aServer()];
  return { cluster, memory, transport: createRehearsalTransport({ cluster, memory, systemNamespace: 'kubernaut-system' }) };
}

const deployment = '/apis/apps/v1/namespaces/production/deployments/payment-api';
const pod = '/api/v1/namespaces/production/pods/p';
const all = { dryRun: 'All' };

describe('a rehearsal sends', () => {
  it.each<[sentence: string, request: ApiRequest, to: 'cluster' | 'memory' | 'nobody']>([
    ['a read', { method: 'GET', path: deployment }, 'cluster'],
    ['an access review', { method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body: {} }, 'cluster'],
    ['a new resource of ours', { method: 'POST', path: '/apis/workflow.kubernaut.io/v1/namespaces/kubernaut-system/workflowexecutions', body: {} }, 'memory'],
    ['a read of ours', { method: 'GET', path: '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests/rr' }, 'memory'],
    ['a lock', { method: 'POST', path: '/apis/coordination.k8s.io/v1/namespaces/kubernaut-system/leases', body: {} }, 'memory'],
    ['an Event', { method: 'POST', path: '/api/v1/namespaces/kubernaut-system/events', body: {} }, 'memory'],
    ['a lock of somebody else', { method: 'POST', path: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', body: {} }, 'nobody'],
    ['a Job', { method: 'POST', path: '/apis/batch/v1/namespaces/kubernaut-system/jobs', body: {} }, 'nobody'],
    ['a change', { method: 'PATCH', path: deployment, body: {} }, 'nobody'],
    ['a dry run that is none', { method: 'PATCH', path: deployment, query: { dryRun: '' }, body: {} }, 'nobody'],
    ['a deletion', { method: 'DELETE', path: pod }, 'nobody'],
    ['a deletion whose body takes the dry run back', { method: 'DELETE', path: pod, query: all, body: { gracePeriodSeconds: 0 } }, 'nobody'],
    ['an access token', { method: 'POST', path: '/api/v1/namespaces/kubernaut-system/serviceaccounts/scale-deployment-sa/token', body: {} }, 'nobody'],
  ])('%s to where it changes nothing', async (_sentence, request, to) => {
    const { cluster, memory, transport } = aRehearsal();
    const answer = await transport.send(request, 1_000);
    expect({ cluster: cluster.asked.length, memory: memory.asked.length }).toEqual({ cluster: to === 'cluster' ? 1 : 0, memory: to === 'memory' ? 1 : 0 });
    expect(answer.status).toBe(to === 'nobody' ? 403 : 200);
  });

  it.each<[string, ApiRequest, readonly string[]]>([
    ['a patch', { method: 'PATCH', path: deployment, query: all, body: {} }, [`GET ${deployment}`, `PATCH ${deployment}`]],
    ['a deletion', { method: 'DELETE', path: pod, query: all, body: { dryRun: ['All'] } }, [`GET ${pod}`, `DELETE ${pod}`]],
    ['an eviction', { method: 'POST', path: `${pod}/eviction`, query: all, body: {} }, [`POST ${pod}/eviction`]],
  ])('the dry run of %s, and keeps what was before and after', async (_sentence, request, asked) => {
    const { cluster, transport } = aRehearsal(({ method }) => ({ status: 200, body: { asked: method } }));
    await transport.send(request, 1_000);
    expect(cluster.asked).toEqual(asked);
    const before = request.method === 'POST' ? null : { asked: 'GET' };
    expect(transport.rehearsed).toEqual([{ request, before, answer: { status: 200, body: { asked: request.method } } }]);
  });
});

describe('a rehearsal', () => {
  it('is none where what stands there may not be seen: its difference would be to nothing', async () => {
    const { cluster, transport } = aRehearsal(({ method }) =>
      method === 'GET' ? { status: 403, body: { message: 'cannot get' } } : { status: 200, body: {} },
    );
    await expect(transport.send({ method: 'PATCH', path: `${deployment}/scale`, query: all, body: {} }, 1_000)).rejects.toThrow('cannot get');
    expect(cluster.asked).toEqual([`GET ${deployment}/scale`]);
    expect([transport.rehearsed, transport.lastRefusal()?.request.path]).toEqual([[], `${deployment}/scale`]);
  });

  it('takes a paused namespace for one that is not: what holds a plan is told beside it', async () => {
    const namespace = { metadata: { name: 'production', annotations: { [pausedAnnotation]: 'true', team: 'pay' } } };
    const { transport } = aRehearsal(() => ({ status: 200, body: namespace }));
    expect((await transport.send({ method: 'GET', path: '/api/v1/namespaces/production' }, 1_000)).body).toEqual({
      metadata: { name: 'production', annotations: { team: 'pay' } },
    });
  });

  it('keeps what was read, what was refused and what was not reached', async () => {
    const { transport } = aRehearsal(({ path }) => (path === deployment ? { status: 200, body: { kind: 'Deployment' } } : { status: 403, body: {} }));
    await transport.send({ method: 'GET', path: deployment }, 1_000);
    await transport.send({ method: 'GET', path: pod }, 1_000);
    expect(transport.lastRead(deployment)).toEqual({ kind: 'Deployment' });
    expect([transport.lastRead(pod), transport.lastRefusal()?.request.path, transport.trouble()]).toEqual([null, pod, null]);
    const away = new Error('connection refused');
    const { transport: lost } = aRehearsal(() => {
      throw away;
    });
    await expect(lost.send({ method: 'GET', path: pod }, 1_000)).rejects.toThrow(away);
    expect(lost.trouble()).toBe(away);
  });
});
