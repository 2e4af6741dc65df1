import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { metadataOf, objectAt, type Subject } from '../subject.ts';
import { itemsOf } from './living-job.ts';

const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } };

function measured(name: string, labels: JsonObject = {}): JsonObject {
  const annotations = { 'sandbox.kubernaut.io/start-after-seconds': '0', 'sandbox.kubernaut.io/ready-after-seconds': '0' };
  const containers = [{ name: 'app', image: 'registry.example/app:1', resources }];
  return { metadata: { name, labels, annotations }, spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers } };
}

/** Quotas and disruption budgets: what a workflow looks at before it scales or deletes. */
export function limits(subject: () => Subject): void {
  describe('a ResourceQuota', () => {
    let namespace = '';
    const at = (rest: string): string => `/api/v1/namespaces/${namespace}/${rest}`;

    beforeAll(async () => {
      const { send, eventually } = subject();
      namespace = String(metadataOf(await send('POST', '/api/v1/namespaces', { metadata: { generateName: 'conformance-quota-' } }))['name'] as string);
      await eventually(
        () => send('POST', at('pods'), measured('first'), { dryRun: 'All' }),
        ({ status }) => status === 201,
      );
      await send('POST', at('resourcequotas'), { metadata: { name: 'bounds' }, spec: { hard: { pods: '2', 'limits.memory': '300Mi', 'requests.cpu': '1' } } });
      await eventually(
        () => send('GET', at('resourcequotas/bounds')),
        ({ body }) => objectAt(objectAt(body, 'status'), 'used')['pods'] === '0',
      );
      return async () => {
        await send('DELETE', `/api/v1/namespaces/${namespace}`);
      };
    });

    it('tells what is used beside what is allowed', async () => {
      const { send, eventually } = subject();
      await send('POST', at('pods'), measured('counted'));
      const answer = await eventually(
        () => send('GET', at('resourcequotas/bounds')),
        ({ body }) => objectAt(objectAt(body, 'status'), 'used')['pods'] === '1',
      );
      expect(answer.body).toMatchObject({
        status: { hard: { pods: '2', 'limits.memory': '300Mi', 'requests.cpu': '1' }, used: { pods: '1', 'limits.memory': '128Mi', 'requests.cpu': '100m' } },
      });
    });

    it('refuses what would be too much, and says how much that is', async () => {
      const { send } = subject();
      await send('POST', at('pods'), measured('second'));
      const answer = await send('POST', at('pods'), measured('third'));
      expect(answer).toMatchObject({
        status: 403,
        body: {
          reason: 'Forbidden',
          message:
            'pods "third" is forbidden: exceeded quota: bounds, requested: limits.memory=128Mi,pods=1, used: limits.memory=256Mi,pods=2, limited: limits.memory=300Mi,pods=2',
        },
      });
    });

    it('wants pods that say what they need', async () => {
      const { send } = subject();
      await send('DELETE', at('pods/second'), { gracePeriodSeconds: 0 });
      const vague = { ...measured('vague'), spec: { automountServiceAccountToken: false, containers: [{ name: 'app', image: 'registry.example/app:1' }] } };
      expect(await send('POST', at('pods'), vague)).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining('failed quota: bounds: must specify') as string },
      });
    });

    it('stops a Deployment from growing, which says so in a condition', async () => {
      const { send, eventually } = subject();
      const labels = { app: 'bounded' };
      const template = { metadata: { ...objectAt(measured('x', labels), 'metadata'), name: '' }, spec: objectAt(measured('x'), 'spec') };
      const apps = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      await send('POST', apps, { metadata: { name: 'bounded' }, spec: { replicas: 3, selector: { matchLabels: labels }, template } });
      const answer = await eventually(
        () => send('GET', `${apps}/bounded`),
        ({ body }) => JSON.stringify(objectAt(body, 'status')).includes('ReplicaFailure'),
      );
      expect(answer.body).toMatchObject({
        status: {
          conditions: expect.arrayContaining([expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' })]) as unknown,
        },
      });
      await send('DELETE', `${apps}/bounded`);
    });
  });

  describe('a PodDisruptionBudget', () => {
    const policy = 'policy/v1';

    it('counts who is healthy, and how many may go', async () => {
      const { send, path, eventually } = subject();
      const labels = { budget: 'counted' };
      for (const name of ['budget-a', 'budget-b', 'budget-c']) await send('POST', path('pods'), measured(name, labels));
      await send('POST', path('poddisruptionbudgets', policy), { metadata: { name: 'counted' }, spec: { minAvailable: 2, selector: { matchLabels: labels } } });
      const answer = await eventually(
        () => send('GET', path('poddisruptionbudgets/counted', policy)),
        ({ body }) => objectAt(body, 'status')['currentHealthy'] === 3,
      );
      expect(answer.body).toMatchObject({ status: { expectedPods: 3, currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, observedGeneration: 1 } });
      await send('DELETE', path('pods/budget-a'));
      const fewer = await eventually(
        () => send('GET', path('poddisruptionbudgets/counted', policy)),
        ({ body }) => objectAt(body, 'status')['currentHealthy'] === 2,
      );
      expect(fewer.body).toMatchObject({ status: { disruptionsAllowed: 0 } });
    });
  });

  it('an Event of the node tells that a pod was placed and started', async () => {
    const { send, path, eventually } = subject();
    await send('POST', path('pods'), measured('announced'));
    const answer = await eventually(
      () => send('GET', path('events'), undefined, { fieldSelector: 'involvedObject.name=announced' }),
      ({ body }) => itemsOf(body).some(({ reason }) => reason === 'Started'),
    );
    expect(itemsOf(answer.body).map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Scheduled', 'Pulled', 'Created', 'Started']));
  });
}
