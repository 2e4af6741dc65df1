import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { numberAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, aLivingWorld, type LivingWorld } from '../../../test/support/nodes.ts';
import { allowanceOf, disruptionBudgetKind } from './disruption-budget.ts';
import { podKind } from './pod.ts';

describe('the allowance of a budget', () => {
  it.each<[sentence: string, spec: JsonObject, world: { readonly healthy: number; readonly pods: number; readonly scale: number }, allowed: number]>([
    ['two must stay of three', { minAvailable: 2 }, { healthy: 3, pods: 3, scale: 3 }, 1],
    ['two must stay of two', { minAvailable: 2 }, { healthy: 2, pods: 2, scale: 2 }, 0],
    ['half must stay of five, rounded up', { minAvailable: '50%' }, { healthy: 5, pods: 5, scale: 5 }, 2],
    ['one may be missing, and one already is', { maxUnavailable: 1 }, { healthy: 2, pods: 3, scale: 3 }, 0],
    ['one may be missing of what is wanted, not of what is there', { maxUnavailable: 1 }, { healthy: 2, pods: 2, scale: 5 }, 0],
    ['a quarter may be missing of four', { maxUnavailable: '25%' }, { healthy: 4, pods: 4, scale: 4 }, 1],
    ['all may be missing', { maxUnavailable: '100%' }, { healthy: 2, pods: 2, scale: 2 }, 2],
    ['there are no pods', { maxUnavailable: 1 }, { healthy: 0, pods: 0, scale: 0 }, 0],
  ])('when %s', (_sentence, spec, world, allowed) => {
    expect(allowanceOf({ spec: spec as Parameters<typeof allowanceOf>[0]['spec'] }, world).disruptionsAllowed).toBe(allowed);
  });
});

describe('a PodDisruptionBudget', () => {
  let world: LivingWorld;
  afterEach(() => world.stop());

  const status = async () => valueAt(await world.get(disruptionBudgetKind, 'payment-api'), 'status');
  const allowed = async () => numberAt(await status(), 'disruptionsAllowed');

  it('follows its pods as they become ready, fail and come back', async () => {
    world = await aLivingWorld();
    await world.client.create(aDeployment({ replicas: 3 }));
    await world.client.create({
      ...disruptionBudgetKind,
      metadata: { namespace: 'production', name: 'payment-api' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'payment-api' } } },
    });
    await world.until(async () => (await allowed()) === 1);
    expect(await status()).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      observedGeneration: 1,
      conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
    });
    const [pod] = (await world.client.list(podKind, { namespace: 'production' })).items;
    await world.client.mergePatch(
      { ...podKind, namespace: 'production', name: pod?.metadata.name ?? '' },
      { metadata: { annotations: { 'sandbox.kubernaut.io/never-ready': 'true' } } },
    );
    await world.until(async () => (await allowed()) === 0);
    await world.client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${pod?.metadata.name ?? ''}` });
    await world.until(async () => (await allowed()) === 1);
  });
});
