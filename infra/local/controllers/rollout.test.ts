import { afterEach, describe, expect, it } from 'vitest';
import { numberAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, aLivingWorld, type DeploymentFixture, type LivingWorld } from '../../../test/support/nodes.ts';
import { deploymentKind } from './deployment.ts';

let world: LivingWorld;
afterEach(() => world.stop());

async function deployed(fixture: DeploymentFixture = {}): Promise<void> {
  world = await aLivingWorld();
  await world.client.create(aDeployment(fixture));
}

const rolledOut = async (): Promise<boolean> => {
  const deployment = await world.get(deploymentKind, 'payment-api');
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 0;
  const counts = ['updatedReplicas', 'availableReplicas', 'replicas'].map((field) => numberAt(deployment, 'status', field) ?? 0);
  return numberAt(deployment, 'status', 'observedGeneration') === deployment?.metadata.generation && counts.every((count) => count === wanted);
};

describe('a Deployment on the node', () => {
  it('becomes available, as kubectl rollout status wants it', async () => {
    await deployed();
    await world.until(rolledOut);
    const deployment = await world.get(deploymentKind, 'payment-api');
    expect(deployment?.['status']).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }),
      ]) as unknown,
    });
    expect(world.trouble).toEqual([]);
  });

  it('comes to rest: nobody sleeps and nothing is in flight', async () => {
    await deployed();
    await world.until(rolledOut);
    await expect(world.until(async () => false)).rejects.toThrow('nobody sleeps');
  });
});
