import { afterEach, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, aLivingWorld, type DeploymentFixture, type LivingOptions, type LivingWorld } from '../../../test/support/nodes.ts';
import { deploymentKind } from '../controllers/deployment.ts';
import { podKind } from '../controllers/pod.ts';
import { nodeKind } from './node-object.ts';

let world: LivingWorld;
afterEach(() => world.stop());

async function deploy(fixture: DeploymentFixture = {}, options: LivingOptions = {}): Promise<void> {
  world = await aLivingWorld(options);
  await world.client.create(aDeployment({ replicas: 1, ...fixture }));
}

const list = async (kind: { readonly apiVersion: string; readonly kind: string }) => (await world.client.list(kind, {})).items;
const staying = async () => (await list(podKind)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const thePod = async (): Promise<KubernetesObject | null> => (await staying())[0] ?? null;
const container = (pod: KubernetesObject | null) => listAt(pod, 'status', 'containerStatuses')[0];
const isReady = (pod: KubernetesObject | null): boolean =>
  listAt(pod, 'status', 'conditions').some((condition) => stringAt(condition, 'type') === 'Ready' && stringAt(condition, 'status') === 'True');
const events = async (reason: string) => (await list({ apiVersion: 'v1', kind: 'Event' })).filter((event) => event['reason'] === reason);
const patch = (path: string, body: JsonValue) => world.client.send({ method: 'PATCH', path, patchType: 'application/strategic-merge-patch+json', body });
const deploymentPath = '/apis/apps/v1/namespaces/production/deployments/payment-api';
const sinceStart = (): number => (world.clock.milliseconds() - Date.parse('2026-01-15T10:30:00Z')) / 1_000;

async function pass(seconds: number): Promise<void> {
  const end = world.clock.milliseconds() + seconds * 1_000;
  await world.until(async () => world.clock.milliseconds() >= end, seconds + 100);
}

describe('the node', () => {
  it('is a Node that a scheduler and kubectl describe can read', async () => {
    world = await aLivingWorld();
    const node = await world.client.get({ ...nodeKind, name: 'sandbox-node' });
    expect(node).toMatchObject({ status: { allocatable: { cpu: '8', memory: '16Gi', pods: '110' }, nodeInfo: { containerRuntimeVersion: 'simulated://1' } } });
    expect(listAt(node, 'status', 'conditions').map((condition) => `${stringAt(condition, 'type')}=${stringAt(condition, 'status')}`)).toEqual([
      'MemoryPressure=False',
      'DiskPressure=False',
      'PIDPressure=False',
      'Ready=True',
    ]);
  });

  it('takes a pod through scheduling and start to readiness, each in its time', async () => {
    await deploy({ scenario: { 'start-after-seconds': '3', 'ready-after-seconds': '10' } });
    await world.until(async () => stringAt(await thePod(), 'spec', 'nodeName') === 'sandbox-node');
    expect(sinceStart()).toBeGreaterThanOrEqual(0.2);
    expect(sinceStart()).toBeLessThanOrEqual(1);
    await world.until(async () => stringAt(container(await thePod()), 'state', 'waiting', 'reason') === 'ContainerCreating');
    expect(stringAt(await thePod(), 'status', 'phase')).toBe('Pending');
    await world.until(async () => stringAt(await thePod(), 'status', 'phase') === 'Running');
    expect(sinceStart()).toBe(3);
    expect(isReady(await thePod())).toBe(false);
    await world.until(async () => isReady(await thePod()));
    expect(sinceStart()).toBe(13);
    expect(await thePod()).toMatchObject({ status: { hostIP: '10.0.0.10', podIP: expect.stringMatching(/^10\.244\.\d+\.\d+$/) as string } });
    expect((await Promise.all(['Scheduled', 'Pulled', 'Created', 'Started'].map(events))).map((found) => found.length)).toEqual([1, 1, 1, 1]);
  });

  it('lets a container crash with growing pauses, and tells it as a kubelet does', async () => {
    await deploy({ scenario: { 'crash-loop': 'true' } });
    await world.until(async () => (numberAt(container(await thePod()), 'restartCount') ?? 0) === 4);
    const crashed = sinceStart();
    expect(crashed).toBeGreaterThan(1 + 10 + 20 + 40);
    expect(crashed).toBeLessThan(1 + 10 + 20 + 40 + 15);
    await world.until(async () => stringAt(container(await thePod()), 'state', 'waiting', 'reason') === 'CrashLoopBackOff');
    expect(container(await thePod())).toMatchObject({
      ready: false,
      state: {
        waiting: { message: expect.stringMatching(/^back-off 1m20s restarting failed container=app pod=payment-api-\w+-\w+_production\(.+\)$/) as string },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    });
    expect(stringAt(await thePod(), 'status', 'phase')).toBe('Running');
    expect(await events('BackOff')).toMatchObject([{ type: 'Warning', count: 4 }]);
  });

  it('kills for memory while the limit is too low, and runs once it was raised', async () => {
    await deploy({ scenario: { 'needs-memory': '384Mi' }, container: { resources: { limits: { memory: '256Mi' } } } });
    await world.until(async () => (numberAt(container(await thePod()), 'restartCount') ?? 0) >= 1);
    expect(valueAt(container(await thePod()), 'lastState')).toMatchObject({ terminated: { exitCode: 137, reason: 'OOMKilled' } });
    await patch(deploymentPath, { spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory: '512Mi' } } }] } } } });
    await world.until(async () => (await staying()).length === 1 && isReady(await thePod()));
    await pass(120);
    expect(numberAt(container(await thePod()), 'restartCount')).toBe(0);
  });

  it('crashes while a ConfigMap has the bad value, and recovers by itself when it is mended', async () => {
    await deploy({ scenario: { 'fails-if-configmap': 'settings/mode=broken' } });
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'production', name: 'settings' } };
    await world.client.create({ ...settings, data: { mode: 'fine' } });
    await world.until(async () => isReady(await thePod()));
    await patch('/api/v1/namespaces/production/configmaps/settings', { data: { mode: 'broken' } });
    await world.until(async () => (numberAt(container(await thePod()), 'restartCount') ?? 0) >= 2);
    expect(isReady(await thePod())).toBe(false);
    await patch('/api/v1/namespaces/production/configmaps/settings', { data: { mode: 'fine' } });
    await world.until(async () => isReady(await thePod()));
  });

  it('cannot pull an image that does not exist, until the image is another', async () => {
    await deploy({ image: 'shop/payment-api:broken', scenario: { 'image-pull-fails': 'shop/payment-api:broken' } });
    await world.until(async () => stringAt(container(await thePod()), 'state', 'waiting', 'reason') === 'ImagePullBackOff');
    expect(stringAt(await thePod(), 'status', 'phase')).toBe('Pending');
    await patch(deploymentPath, { spec: { template: { spec: { containers: [{ name: 'app', image: 'shop/payment-api:1.4.2' }] } } } });
    await world.until(async () => (await staying()).length === 1 && isReady(await thePod()));
  });

  it('gives a fault to one live pod alone, by annotating it', async () => {
    await deploy({ replicas: 2 });
    await world.until(async () => (await staying()).filter(isReady).length === 2);
    const [first] = await staying();
    await patch(`/api/v1/namespaces/production/pods/${first?.metadata.name ?? ''}`, {
      metadata: { annotations: { 'sandbox.kubernaut.io/never-ready': 'true' } },
    });
    await world.until(async () => (await staying()).filter(isReady).length === 1);
    expect(await events('Unhealthy')).toHaveLength(1);
    await world.client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${first?.metadata.name ?? ''}` });
    await world.until(async () => (await staying()).filter(isReady).length === 2);
  });

  it('lets a pod become unready after its time', async () => {
    await deploy({ scenario: { 'becomes-unready-after-seconds': '60' } });
    await world.until(async () => isReady(await thePod()));
    await world.until(async () => !isReady(await thePod()));
    expect(sinceStart()).toBeCloseTo(61, 0);
  });

  it('ends a deleted pod gracefully: marked first, gone after its containers', async () => {
    await deploy();
    await world.until(async () => isReady(await thePod()));
    const pod = await thePod();
    await world.client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${pod?.metadata.name ?? ''}` });
    const marked = await world.get(podKind, pod?.metadata.name ?? '');
    expect(marked?.metadata.deletionTimestamp).toBeDefined();
    await world.until(async () => (await world.get(podKind, pod?.metadata.name ?? '')) === null);
    expect(await events('Killing')).toHaveLength(1);
    await world.until(async () => isReady(await thePod()));
  });

  it('says in the log that the container is simulated, and what the fixture lets it say', async () => {
    await deploy({ scenario: { log: 'listening on 8080\nconnection to db lost' } });
    await world.until(async () => isReady(await thePod()));
    const pod = await thePod();
    const log = await world.client.send({ method: 'GET', path: `/api/v1/namespaces/production/pods/${pod?.metadata.name ?? ''}/log` });
    expect(log).toBe('simulated container: image shop/payment-api:1.4.2 is not run on this node\nlistening on 8080\nconnection to db lost\n');
  });

  it('places no pod on a cordoned node, and says why', async () => {
    await deploy({}, { nodeNames: ['one'] });
    await patch('/api/v1/nodes/one', { spec: { unschedulable: true } });
    await world.until(async () => isReady(await thePod()) || (await events('FailedScheduling')).length > 0);
    expect(stringAt((await events('FailedScheduling'))[0], 'message')).toBe('0/1 nodes are available: 1 node(s) were unschedulable.');
    await patch('/api/v1/nodes/one', { spec: { unschedulable: null } });
    await world.until(async () => isReady(await thePod()));
  });

  it('spreads pods over its nodes, and lets them be unready with their node', async () => {
    await deploy({ replicas: 4 }, { nodeNames: ['one', 'two'] });
    await world.until(async () => (await staying()).filter(isReady).length === 4);
    expect((await staying()).filter((pod) => stringAt(pod, 'spec', 'nodeName') === 'one')).toHaveLength(2);
    await patch('/api/v1/nodes/two', { metadata: { annotations: { 'sandbox.kubernaut.io/not-ready': 'true' } } });
    await world.until(async () => (await staying()).filter(isReady).length === 2);
    expect(numberAt(await world.get(deploymentKind, 'payment-api'), 'status', 'availableReplicas')).toBe(2);
    await patch('/api/v1/nodes/two', { metadata: { annotations: { 'sandbox.kubernaut.io/not-ready': null } } });
    await world.until(async () => (await staying()).filter(isReady).length === 4);
  });
});
