import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObject } from '../../../infra/local/stack/install.ts';
import { listAll, readOne } from '../../../infra/local/story/observe.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aRealStack, type RealStack } from '../../support/real-stack.ts';

let stack: RealStack;
beforeAll(async () => {
  stack = await aRealStack();
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});
afterAll(() => stack.stop());

const podKind = { apiVersion: 'v1', kind: 'Pod' };
const podNamed = (name: string, namespace = 'kubernaut-system') => readOne(stack.admin, podKind, { namespace, name });
const phaseOf = async (name: string, namespace?: string) => stringAt(await podNamed(name, namespace), 'status', 'phase') ?? '';
const hasEnded = async (name: string) => ['Succeeded', 'Failed'].includes(await phaseOf(name));
const logOf = async (name: string, query: Readonly<Record<string, string>> = {}, namespace = 'kubernaut-system') =>
  stack.admin.send({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${name}/log`, query }, 10_000);

const labels = { app: 'web' };
const web: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'registry.example/web:7' }] } },
  },
};

/** As the executor's Jobs are: the namespace takes no others. */
function aKubectlPod(name: string, command: readonly string[], serviceAccountName = 'scale-deployment-sa'): KubernetesObject {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    ...podKind,
    metadata: { name, namespace: 'kubernaut-system' },
    spec: {
      serviceAccountName,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'kubectl', image: 'registry.k8s.io/kubectl:v1.36.3', command: [...command], securityContext }],
    },
  };
}

describe('the node, on a real control plane', () => {
  it('is a Node that is ready, and renews its lease', async () => {
    const [node, ...others] = await listAll(stack.admin, { apiVersion: 'v1', kind: 'Node' }, undefined);
    expect(others).toEqual([]);
    const conditions = listAt(node, 'status', 'conditions') as readonly { readonly type: string; readonly status: string }[];
    expect(conditions.filter(({ status }) => status === 'True').map(({ type }) => type)).toEqual(['Ready']);
    expect(numberAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port')).toBeGreaterThan(0);
    const lease = await readOne(
      stack.admin,
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
      { namespace: 'kube-node-lease', name: node?.metadata.name ?? '' },
    );
    expect(stringAt(lease, 'spec', 'holderIdentity')).toBe(node?.metadata.name);
  });

  it('runs what the real scheduler and the real Deployment controller give it, and says that images are simulated', async () => {
    await createObject(stack.admin, web);
    const deployment = () => readOne(stack.admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'shop', name: 'web' });
    await stack.eventually('both replicas are ready', async () => numberAt(await deployment(), 'status', 'readyReplicas') === 2);
    const [pod] = await listAll(stack.admin, podKind, 'shop');
    expect(stringAt(pod, 'spec', 'schedulerName')).toBe('default-scheduler');
    const log = await logOf(pod?.metadata.name ?? '', {}, 'shop');
    expect(log).toEqual({ status: 200, body: 'simulated container: image registry.example/web:7 is not run on this node\n' });
  });

  it('runs an executor pod as a real kubectl, as the ServiceAccount of the pod', async () => {
    await createObject(stack.admin, aKubectlPod('who', ['kubectl', 'auth', 'whoami', '-o', 'json']));
    await stack.eventually('the pod has ended', () => hasEnded('who'));
    const { body } = await logOf('who');
    const { userInfo } = (JSON.parse(String(body as string)) as { readonly status: { readonly userInfo: Record<string, unknown> } }).status;
    expect(userInfo['username']).toBe('system:serviceaccount:kubernaut-system:scale-deployment-sa');
    // Bound to the pod, which is what the admission policies ask of a request that changes something.
    expect(userInfo['extra']).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['who'] });
    expect(await phaseOf('who')).toBe('Succeeded');
  });

  it('tells the end of a kubectl that was refused, in its own words', async () => {
    await createObject(stack.admin, aKubectlPod('refused', ['kubectl', 'delete', 'deployment', 'web', '-n', 'shop']));
    await stack.eventually('the pod has ended', () => hasEnded('refused'));
    expect(await phaseOf('refused')).toBe('Failed');
    const { body } = await logOf('refused', { tailLines: '1' });
    expect(body).toMatch(
      /^Error from server \(Forbidden\): deployments\.apps "web" is forbidden: User "system:serviceaccount:kubernaut-system:scale-deployment-sa"/,
    );
    const statuses = listAt(await podNamed('refused'), 'status', 'containerStatuses') as readonly {
      readonly state: { readonly terminated?: { readonly exitCode: number } };
    }[];
    expect(statuses.map(({ state }) => state.terminated?.exitCode)).toEqual([1]);
  });

  it('says why there is no log', async () => {
    expect(await logOf('who', { container: 'other' })).toMatchObject({ status: 400, body: { message: 'container other is not valid for pod who' } });
    expect(await logOf('who', { previous: 'true' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('not found') as string } });
    expect(await logOf('who', { timestamps: 'true' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('keeps no times') as string } });
  });

  it('answers nobody but the API server', async () => {
    const [node] = await listAll(stack.admin, { apiVersion: 'v1', kind: 'Node' }, undefined);
    const port = numberAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port') ?? 0;
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/containerLogs/kubernaut-system/who/kubectl', rejectUnauthorized: false };
      httpsRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });

  it('lets go of a pod that is deleted', async () => {
    const remove = { method: 'DELETE', path: '/api/v1/namespaces/kubernaut-system/pods/who' } as const;
    expect((await stack.admin.send(remove, 10_000)).status).toBe(200);
    await stack.eventually('the pod is gone', async () => (await podNamed('who')) === null);
  });
});
