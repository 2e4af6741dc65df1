import { afterEach, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, aLivingWorld, type DeploymentFixture, type LivingWorld } from '../../../test/support/nodes.ts';
import { deploymentKind } from './deployment.ts';
import { podKind } from './pod.ts';
import { replicaSetKind } from './replica-set.ts';

let world: LivingWorld;
afterEach(() => world.stop());

async function deploy(fixture: DeploymentFixture = {}): Promise<void> {
  world = await aLivingWorld();
  await world.client.create(aDeployment(fixture));
}

const path = '/apis/apps/v1/namespaces/production/deployments/payment-api';
const patchSpec = (spec: JsonValue) => world.client.send({ method: 'PATCH', path, patchType: 'application/strategic-merge-patch+json', body: { spec } });
const image = (tag: string): JsonValue => ({ template: { spec: { containers: [{ name: 'app', image: `shop/payment-api:${tag}` }] } } });

const deployment = () => world.get(deploymentKind, 'payment-api');
const replicaSets = async () => (await world.client.list(replicaSetKind, { namespace: 'production' })).items;
const pods = async () => (await world.client.list(podKind, { namespace: 'production' })).items;
const eventsOf = async (reason: string) =>
  (await world.client.list({ apiVersion: 'v1', kind: 'Event' }, {})).items
    .filter((event) => event['reason'] === reason)
    .map((event) => stringAt(event, 'message'));

/** What `kubectl rollout status` waits for. */
async function rolledOut(): Promise<boolean> {
  const current = await deployment();
  const wanted = numberAt(current, 'spec', 'replicas') ?? 0;
  const counts = ['updatedReplicas', 'availableReplicas', 'replicas'].map((field) => numberAt(current, 'status', field) ?? 0);
  return numberAt(current, 'status', 'observedGeneration') === current?.metadata.generation && counts.every((count) => count === wanted);
}

function condition(object: KubernetesObject | null, type: string): unknown {
  return listAt(object, 'status', 'conditions').find((candidate) => stringAt(candidate, 'type') === type);
}

const revisionsOf = (objects: readonly (KubernetesObject | null | undefined)[]) =>
  new Set(objects.map((object) => object?.metadata.annotations?.['deployment.kubernetes.io/revision']));

describe('a Deployment', () => {
  it('becomes available, with what kubectl rollout and describe look for', async () => {
    await deploy();
    await world.until(rolledOut);
    expect((await deployment())?.['status']).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(condition(await deployment(), 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(condition(await deployment(), 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
    const [replicaSet] = await replicaSets();
    const hash = replicaSet?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(replicaSet?.metadata.name).toBe(`payment-api-${hash}`);
    expect(revisionsOf([await deployment(), replicaSet])).toEqual(new Set(['1']));
    expect((await pods()).every(({ metadata }) => metadata.labels?.['pod-template-hash'] === hash)).toBe(true);
    expect(await eventsOf('ScalingReplicaSet')).toEqual([`Scaled up replica set payment-api-${hash} from 0 to 3`]);
  });

  it('comes to rest: after the rollout nothing is written for ten minutes', async () => {
    await deploy();
    await world.until(rolledOut);
    const before = [await deployment(), ...(await replicaSets()), ...(await pods())];
    const end = world.clock.milliseconds() + 600_000;
    await world.until(async () => world.clock.milliseconds() >= end, 700);
    expect([await deployment(), ...(await replicaSets()), ...(await pods())]).toEqual(before);
  });

  it('rolls a new template out, and never has fewer available or more pods than it may', async () => {
    await deploy({ replicas: 4 });
    await world.until(rolledOut);
    await patchSpec(image('1.5.0'));
    const seen: { readonly available: number; readonly pods: number }[] = [];
    await world.until(async () => {
      const alive = (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const available = alive.filter((pod) => stringAt(condition(pod, 'Ready'), 'status') === 'True').length;
      seen.push({ available, pods: alive.length });
      return rolledOut();
    });
    expect(Math.min(...seen.map(({ available }) => available))).toBeGreaterThanOrEqual(3);
    expect(Math.max(...seen.map((moment) => moment.pods))).toBeLessThanOrEqual(5);
    expect(revisionsOf(await replicaSets())).toEqual(new Set(['1', '2']));
    expect((await deployment())?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    const staying = (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(new Set(staying.map((pod) => stringAt(listAt(pod, 'spec', 'containers')[0], 'image')))).toEqual(new Set(['shop/payment-api:1.5.0']));
  });

  it('goes back to an old template by its old ReplicaSet, under a new revision', async () => {
    await deploy();
    await world.until(rolledOut);
    await patchSpec(image('1.5.0'));
    await world.until(rolledOut);
    await patchSpec(image('1.4.2'));
    await world.until(rolledOut);
    expect(revisionsOf(await replicaSets())).toEqual(new Set(['2', '3']));
    const current = (await replicaSets()).find(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'] === '3');
    expect(current?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
  });

  it('keeps the healthy pods of a rollout that gets stuck, and says so at its deadline', async () => {
    await deploy({ spec: { progressDeadlineSeconds: 60 } });
    await world.until(rolledOut);
    await patchSpec({ template: { metadata: { annotations: { 'sandbox.kubernaut.io/crash-loop': 'true' } } } });
    await world.until(async () => stringAt(condition(await deployment(), 'Progressing'), 'reason') === 'ProgressDeadlineExceeded', 120);
    expect((await deployment())?.['status']).toMatchObject({ readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 1, updatedReplicas: 1 });
    expect(condition(await deployment(), 'Available')).toMatchObject({ status: 'True' });
  });

  it('is scaled up and down, and tells it', async () => {
    await deploy({ replicas: 2 });
    await world.until(rolledOut);
    await patchSpec({ replicas: 5 });
    await world.until(rolledOut);
    expect(await pods()).toHaveLength(5);
    await patchSpec({ replicas: 1 });
    await world.until(async () => (await rolledOut()) && (await pods()).length === 1);
    expect(await eventsOf('ScalingReplicaSet')).toHaveLength(3);
    expect(await replicaSets()).toHaveLength(1);
  });

  it('shares a scaling in the middle of a stuck rollout among old and new', async () => {
    await deploy({ replicas: 4 });
    await world.until(rolledOut);
    await patchSpec({ template: { metadata: { annotations: { 'sandbox.kubernaut.io/never-ready': 'true' } } } });
    await world.until(async () => numberAt(await deployment(), 'status', 'updatedReplicas') === 2);
    await patchSpec({ replicas: 8 });
    await world.until(async () => (numberAt(await deployment(), 'status', 'replicas') ?? 0) === 10);
    expect(new Set((await replicaSets()).map((replicaSet) => numberAt(replicaSet, 'spec', 'replicas')))).toEqual(new Set([4, 6]));
  });

  it('does not roll while it is paused, but still scales', async () => {
    await deploy();
    await world.until(rolledOut);
    await patchSpec({ paused: true });
    await patchSpec(image('1.5.0'));
    await patchSpec({ replicas: 4 });
    await world.until(async () => numberAt(await deployment(), 'status', 'readyReplicas') === 4);
    expect(await replicaSets()).toHaveLength(1);
    expect(condition(await deployment(), 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    await patchSpec({ paused: false });
    await world.until(rolledOut);
    expect(await replicaSets()).toHaveLength(2);
    expect(condition(await deployment(), 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  it('with Recreate has no pod of the new template before the last old one is gone', async () => {
    await deploy({ spec: { strategy: { type: 'Recreate' } } });
    await world.until(rolledOut);
    await patchSpec(image('1.5.0'));
    const mixed: number[] = [];
    await world.until(async () => {
      mixed.push(new Set((await pods()).map((pod) => stringAt(listAt(pod, 'spec', 'containers')[0], 'image'))).size);
      return rolledOut();
    });
    expect(Math.max(...mixed)).toBe(1);
    expect(revisionsOf(await replicaSets())).toEqual(new Set(['1', '2']));
  });

  it('keeps no more old ReplicaSets than revisionHistoryLimit', async () => {
    await deploy({ replicas: 1, spec: { revisionHistoryLimit: 1 } });
    await world.until(rolledOut);
    for (const tag of ['2', '3', '4']) {
      await patchSpec(image(tag));
      await world.until(rolledOut);
    }
    await world.until(async () => (await replicaSets()).length === 2);
    expect(revisionsOf(await replicaSets())).toEqual(new Set(['3', '4']));
  });

  it('brings a deleted pod back', async () => {
    await deploy({ replicas: 1 });
    await world.until(rolledOut);
    const [pod] = await pods();
    await world.client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${pod?.metadata.name ?? ''}` });
    await world.until(async () => (await pods()).length === 1 && (await pods())[0]?.metadata.uid !== pod?.metadata.uid);
    await world.until(rolledOut);
    expect(await pods()).toHaveLength(1);
  });

  it('takes everything along when it is deleted', async () => {
    await deploy();
    await world.until(rolledOut);
    await world.client.send({ method: 'DELETE', path });
    await world.until(async () => (await pods()).length === 0);
    expect(await replicaSets()).toEqual([]);
  });
});
