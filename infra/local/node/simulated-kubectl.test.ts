import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildJob } from '../../../functions/kubernetes-execution/job.ts';
import { bindAction, actions } from '../../../shared/actions/index.ts';
import { customResourceDefinition } from '../../../shared/api/crd.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import { definitions } from '../../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { anExecutionObject } from '../../../test/support/executions.ts';
import { aDeployment, aLivingWorld, aNamespace, type LivingWorld } from '../../../test/support/nodes.ts';
import { actionIdentity } from '../../cluster/identities.ts';
import { identityManifests } from '../../cluster/identity.ts';
import { jobKind } from '../controllers/job.ts';
import { podKind, type Pod } from '../controllers/pod.ts';
import { userOf } from '../sandbox/authentication.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createSimulatedKubectl } from './simulated-kubectl.ts';

let world: LivingWorld;
const asked: string[] = [];

beforeEach(async () => {
  asked.length = 0;
  world = await aLivingWorld({
    executor: ({ sandbox, transport, clock }) => createSimulatedKubectl({ reader: transport, clock, actAs: async (pod) => actingAs(sandbox, pod) }),
  });
  const { client } = world;
  await client.create(aNamespace('kubernaut-system'));
  for (const definition of definitions) await client.create(customResourceDefinition(definition) as unknown as KubernetesObject);
  for (const action of actions) for (const manifest of identityManifests(actionIdentity(action))) await client.create(manifest as unknown as KubernetesObject);
  await client.create(aDeployment({ replicas: 2, container: { resources: { limits: { memory: '256Mi' } } } }));
  await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'production', name: 'settings' }, data: { mode: 'broken' } });
  await world.until(async () => numberAt(await world.get({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'payment-api'), 'status', 'availableReplicas') === 2);
});
afterEach(() => world.stop());

/** As the pod's account, coming from the pod; every request is noted with its user. */
function actingAs(sandbox: Sandbox, { metadata, spec }: Pod) {
  const user = userOf({ namespace: metadata.namespace, serviceAccount: { name: spec.serviceAccountName, uid: '' }, pod: metadata });
  const transport = sandbox.transport(user);
  return {
    ...transport,
    send: (request: Parameters<typeof transport.send>[0], milliseconds: number) => (
      asked.push(`${user.username} ${request.method} ${request.path}`),
      transport.send(request, milliseconds)
    ),
  };
}

const executorPods = async () => (await world.client.list(podKind, { namespace: 'kubernaut-system' })).items;

/** An execution of the action on what is there, its Job as the function would build it, and how that ends. */
async function execute(actionType: string, actionParams: JsonObject, change: (job: KubernetesObject) => KubernetesObject = (job) => job) {
  const action = bindAction(actionType, actionParams);
  const target = await world.client.get(action.target);
  if (target === null) throw new Error('the fixture lacks the target');
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _created,
    generation: _generation,
    ownerReferences: _owners,
    ...metadata
  } = anExecutionObject().metadata;
  const outline = anExecutionObject({ spec: { actionType, actionParams, targetUid: target.metadata.uid ?? '' } });
  const created = await world.client.create({ apiVersion: outline.apiVersion, kind: outline.kind, metadata, spec: outline['spec'] });
  const key = { apiVersion: created.apiVersion, kind: created.kind, namespace: 'kubernaut-system', name: created.metadata.name };
  const status = { phase: 'executing', targetBefore: action.remember(target) as unknown as JsonObject };
  const execution: KubernetesExecution = parseKubernetesExecution(await world.client.mergePatch(key, { status }, 'status'));
  const job = change(buildJob({ execution, action, target, image: 'registry.k8s.io/kubectl:v1.36.3', activeDeadlineSeconds: 60 }));
  await world.client.create(job);
  const jobKey = { ...jobKind, namespace: 'kubernaut-system', name: job.metadata.name };
  const ends = async () => listAt(await world.client.get(jobKey), 'status', 'conditions').map((condition) => stringAt(condition, 'type'));
  await world.until(async () => (await ends()).some((type) => type === 'Complete' || type === 'Failed'));
  const [pod] = await executorPods();
  const log = pod === undefined ? '' : await world.client.send({ method: 'GET', path: `/api/v1/namespaces/kubernaut-system/pods/${pod.metadata.name}/log` });
  return {
    end: (await ends()).at(-1),
    log: typeof log === 'string' ? log.split('\n') : [],
    exitCode: numberAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'terminated', 'exitCode'),
  };
}

const says = "simulated kubectl: the catalogue's own requests are sent as the pod's ServiceAccount";
const scale = { namespace: 'production', deployment: 'payment-api', replicas: 5 };

describe('the simulated kubectl', () => {
  it('scales as the ServiceAccount of its pod', async () => {
    expect(await execute('scale_deployment', scale)).toEqual({ end: 'Complete', exitCode: 0, log: [says, 'deployment.apps/payment-api scaled', ''] });
    expect(asked).toEqual([
      'system:serviceaccount:kubernaut-system:scale-deployment-sa GET /apis/apps/v1/namespaces/production/deployments/payment-api',
      'system:serviceaccount:kubernaut-system:scale-deployment-sa PATCH /apis/apps/v1/namespaces/production/deployments/payment-api/scale',
    ]);
    expect(numberAt(await world.get({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'payment-api'), 'spec', 'replicas')).toBe(5);
  });

  it('deletes the very pod that was meant', async () => {
    const [pod] = (await world.client.list(podKind, { namespace: 'production' })).items;
    const name = pod?.metadata.name ?? '';
    expect(await execute('restart_pod', { namespace: 'production', pod: name })).toMatchObject({ end: 'Complete', exitCode: 0 });
    await world.until(async () => (await world.get(podKind, name)) === null);
  });

  it.each<[action: string, params: JsonObject, read: () => Promise<unknown>, wanted: unknown]>([
    [
      'patch_configmap',
      { namespace: 'production', configmap: 'settings', data: { mode: 'fine' } },
      async () => valueAt(await world.get({ apiVersion: 'v1', kind: 'ConfigMap' }, 'settings'), 'data'),
      { mode: 'fine' },
    ],
    [
      'increase_memory_limit',
      { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '512Mi' },
      async () =>
        stringAt(
          listAt(await world.get({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'payment-api'), 'spec', 'template', 'spec', 'containers')[0],
          'resources',
          'limits',
          'memory',
        ),
      '512Mi',
    ],
  ])('carries out %s', async (action, params, read, wanted) => {
    expect(await execute(action, params)).toMatchObject({ end: 'Complete', exitCode: 0 });
    expect(await read()).toEqual(wanted);
  });

  it("ends with the API's words when it is refused", async () => {
    await world.client.send({ method: 'DELETE', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubernaut-action-scale-deployment' });
    const { end, exitCode, log } = await execute('scale_deployment', scale);
    expect({ end, exitCode }).toEqual({ end: 'Failed', exitCode: 1 });
    expect(log[1]).toMatch(
      /^Error from server \(Forbidden\): deployments\.apps "payment-api" is forbidden: User "system:serviceaccount:kubernaut-system:scale-deployment-sa" cannot get resource/,
    );
  });

  it('runs nothing but what the catalogue gives for the execution', async () => {
    const more = (job: KubernetesObject): KubernetesObject => JSON.parse(JSON.stringify(job).replace('--replicas=5', '--replicas=50')) as KubernetesObject;
    const { end, exitCode, log } = await execute('scale_deployment', scale, more);
    expect({ end, exitCode }).toEqual({ end: 'Failed', exitCode: 1 });
    expect(log[1]).toContain("the pod's arguments are not those of scale_deployment: expected kubectl scale deployment payment-api");
    expect(asked).toEqual([]);
  });

  it('runs for no pod that belongs to no execution', async () => {
    await world.client.create({
      ...podKind,
      metadata: { namespace: 'production', name: 'by-hand' },
      spec: { restartPolicy: 'Never', containers: [{ name: 'kubectl', image: 'k', command: ['kubectl', 'delete', 'namespace', 'production'] }] },
    });
    await world.until(async () => stringAt(await world.get(podKind, 'by-hand'), 'status', 'phase') === 'Failed');
    expect(asked).toEqual([]);
  });

  it('is ended by the deadline of its Job', async () => {
    const late = (job: KubernetesObject): KubernetesObject => ({ ...job, spec: { ...(job['spec'] as JsonObject), activeDeadlineSeconds: 2 } });
    expect(await execute('scale_deployment', scale, late)).toMatchObject({ end: 'Failed' });
    expect(await executorPods()).toEqual([]);
    expect(asked).toEqual([]);
  });
});
