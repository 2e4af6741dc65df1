import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, aLivingWorld, type LivingWorld } from '../../../test/support/nodes.ts';
import { aPodView } from '../../../test/support/pods.ts';
import { usedBy } from '../pod-usage.ts';
import { resourceQuotaKind } from './resource-quota.ts';

const using = (resources: JsonObject) => aPodView({ container: { resources } });

describe('what pods use of a quota', () => {
  const pods = [
    using({ requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '256Mi' } }),
    using({ requests: { cpu: '0.75' }, limits: { cpu: '1500m', memory: '0.5Gi' } }),
  ];

  it.each([
    ['pods', '2'],
    ['requests.cpu', '1'],
    ['cpu', '1'],
    ['limits.cpu', '1500m'],
    ['requests.memory', '128Mi'],
    ['memory', '128Mi'],
    ['limits.memory', '768Mi'],
    ['count/configmaps', null],
  ])('of %s is %s', (resource, used) => {
    expect(usedBy(pods, resource)).toBe(used);
  });
});

describe('a ResourceQuota', () => {
  let world: LivingWorld;
  afterEach(() => world.stop());

  it('follows the pods of its namespace', async () => {
    world = await aLivingWorld();
    await world.client.create({
      ...resourceQuotaKind,
      metadata: { namespace: 'production', name: 'team' },
      spec: { hard: { pods: '10', 'limits.memory': '2Gi' } },
    });
    const status = async () => valueAt(await world.get(resourceQuotaKind, 'team'), 'status');
    await world.until(async () => (await status()) !== undefined);
    expect(await status()).toEqual({ hard: { pods: '10', 'limits.memory': '2Gi' }, used: { pods: '0', 'limits.memory': '0' } });
    await world.client.create(aDeployment({ replicas: 2, container: { resources: { limits: { memory: '256Mi' } } } }));
    await world.until(async () => valueAt(await status(), 'used', 'pods') === '2');
    expect(await status()).toMatchObject({ used: { 'limits.memory': '512Mi' } });
    await world.client.send({ method: 'DELETE', path: '/apis/apps/v1/namespaces/production/deployments/payment-api' });
    await world.until(async () => valueAt(await status(), 'used', 'pods') === '0');
  });
});
