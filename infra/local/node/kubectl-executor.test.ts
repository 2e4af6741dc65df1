import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { aNamespace } from '../../../test/support/nodes.ts';
import { countingUuids } from '../../../test/support/sandbox.ts';
import { createApiClient, type ApiClient } from '../controllers/api-client.ts';
import { podSchema, type Pod } from '../controllers/pod.ts';
import { createRealClock } from '../real-clock.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import { serveHttps, type HttpsFront } from '../sandbox/https.ts';
import { administrator, type Sandbox } from '../sandbox/sandbox.ts';
import { standardExtensions } from '../sandbox/standard-extensions.ts';
import { tokenIssuer } from '../sandbox/token.ts';
import type { Executor } from './executor.ts';
import { findKubectl } from './find-kubectl.ts';
import { createKubectlExecutor } from './kubectl-executor.ts';

const clock = createRealClock();
const kubectl = await findKubectl({ environment: { PATH: process.env['PATH'] }, cacheDirectory: '/nonexistent' });

let sandbox: Sandbox;
let front: HttpsFront;
let client: ApiClient;
let executor: Executor;
let temporaryDirectory: string;

beforeAll(async () => {
  if (kubectl === null) return;
  const tokens = tokenIssuer(clock);
  sandbox = createSandbox({ clock, randomUuid: countingUuids(), extensions: standardExtensions(tokens) });
  const transport = sandbox.transport(administrator);
  client = createApiClient(transport, 'test');
  front = await serveHttps(sandbox, { port: 0, clock, credentials: { tokens, adminToken: 'nobody-has-it' } });
  temporaryDirectory = await mkdtemp(join(tmpdir(), 'kubectl-executor-test-'));
  executor = await createKubectlExecutor({ kubectl, transport, clock, server: front, temporaryDirectory });
  await client.create(aNamespace('production'));
  for (const object of [
    account('reader'),
    role('reader', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create'] }]),
    binding('reader'),
    configMap('settings'),
  ]) {
    await client.create(object);
  }
}, 60_000);

afterAll(async () => {
  if (kubectl === null) return;
  await executor.close();
  await front.close();
  sandbox.close();
  await rm(temporaryDirectory, { recursive: true, force: true });
});

const named = (name: string) => ({ name, namespace: 'production' });
const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: named(name) });
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: named(name), data: { mode: 'fast' } });
const role = (name: string, rules: JsonValue) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: named(name), rules });
const binding = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: named(name),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
  subjects: [{ kind: 'ServiceAccount', name, namespace: 'production' }],
});

let podCount = 0;

/** A stored pod of the account `reader` that runs kubectl with these arguments. */
async function aKubectlPod(
  argv: readonly string[],
  more: { readonly annotations?: Readonly<Record<string, string>>; readonly spec?: JsonObject; readonly container?: JsonObject } = {},
): Promise<Pod> {
  podCount += 1;
  const stored = await client.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...named(`run-${podCount}`), ...(more.annotations !== undefined && { annotations: more.annotations }) },
    spec: {
      serviceAccountName: 'reader',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'kubectl-executor', image: 'registry.k8s.io/kubectl:v1.36.3', command: ['kubectl', ...argv], ...more.container }],
      ...more.spec,
    },
  });
  return podSchema.parse(stored);
}

async function outcomeOf(pod: Pod, signal = new AbortController().signal) {
  let output = '';
  const exit = await executor.run(pod, (text) => (output += text), signal);
  return { ...exit, output };
}

describe.skipIf(kubectl === null)('the executor with a real kubectl', () => {
  it('says which one it is', () => {
    expect(executor.description).toMatch(/^kubectl v1\.\d+\.\S+ at \/\S+$/);
  });

  it('runs as the ServiceAccount of the pod, in its namespace, and leaves nothing behind', async () => {
    const { exitCode, output } = await outcomeOf(await aKubectlPod(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.mode}']));
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'fast' });
    const [run = ''] = await readdir(temporaryDirectory);
    expect(await readdir(join(temporaryDirectory, run))).toEqual(['cache']);
  });

  it('gives the words of a refusal and its exit code', async () => {
    const { exitCode, output } = await outcomeOf(await aKubectlPod(['get', 'secrets']));
    expect(exitCode).toBe(1);
    expect(output).toContain('secrets is forbidden: User "system:serviceaccount:production:reader" cannot list resource "secrets"');
  });

  it('lays out the files that the downward API projects, where the arguments look for them', async () => {
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' }, data: { by: 'pod' } });
    const items = [{ path: 'made.json', fieldRef: { fieldPath: "metadata.annotations['kubernaut.io/file-made.json']" } }];
    const pod = await aKubectlPod(['create', '-f', '/etc/kubernaut/made.json', '--validate=false'], {
      annotations: { 'kubernaut.io/file-made.json': manifest },
      spec: { volumes: [{ name: 'files', projected: { sources: [{ downwardAPI: { items } }] } }] },
      container: { volumeMounts: [{ name: 'files', mountPath: '/etc/kubernaut', readOnly: true }] },
    });
    expect(await outcomeOf(pod)).toEqual({ exitCode: 0, output: 'configmap/made created\n' });
  });

  it('refuses an argument that would reach beyond the pod, and says which', async () => {
    const { exitCode, message } = await outcomeOf(await aKubectlPod(['get', 'pods', '--kubeconfig=/home/someone/.kube/config']));
    expect({ exitCode, message }).toEqual({ exitCode: 126, message: "refused by the node: --kubeconfig: the connection is the pod's own" });
  });

  it('gives the token of the pod, so that nothing works once the pod is gone', async () => {
    const pod = await aKubectlPod(['get', 'configmaps']);
    await client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${pod.metadata.name}` });
    const { exitCode, message } = await outcomeOf(pod);
    expect(exitCode).toBe(128);
    expect(message).toContain(`pods "${pod.metadata.name}" not found`);
  });

  it('ends a process that is told to', async () => {
    const abort = new AbortController();
    let output = '';
    const pod = await aKubectlPod(['get', 'configmaps', '--watch']);
    const exit = executor.run(
      pod,
      (text) => {
        output += text;
        if (output.includes('settings')) abort.abort();
      },
      abort.signal,
    );
    expect((await exit).exitCode).toBeGreaterThan(0);
  });
});
