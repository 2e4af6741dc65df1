import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localCredentials, type QueueReceiver } from '../../../infra/local/queue/received.ts';
import { kubeconfigYaml } from '../../../infra/local/sandbox/https-kubeconfig.ts';
import { readObjects } from '../../../infra/local/stack/install.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import { createSqsClient } from '../../../infra/local/stack/sqs-client.ts';
import { createSqsQueues } from '../../../infra/local/stack/sqs-queues.ts';
import { sqsReceiver } from '../../../infra/local/stack/sqs-receiver.ts';
import { startSqsServer, type SqsServer } from '../../../infra/local/stack/sqs-server.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { chartRelease } from '../../support/chart-release.ts';
import { addNode, canHaveRootOfItsOwn, makeReadOnly, runInDirectory, runInRoot, type Container } from '../../support/container.ts';
import { create, eventually, succeeded } from '../../support/control-plane.ts';
import { chartDirectory, requiredValues } from '../../support/helm.ts';
import { filesBelow, followDockerfile, type ImageRoot } from '../../support/image-root.ts';
import { ownControlPlane } from '../../support/own-control-plane.ts';
import { root } from '../../support/real-stack.ts';
import { aRequest } from '../../support/requests.ts';

interface WatcherPod {
  readonly spec: {
    readonly containers: readonly [
      {
        readonly env: readonly { readonly name: string; readonly value?: string }[];
        readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
        readonly volumeMounts: readonly { readonly mountPath: string }[];
        readonly readinessProbe: { readonly httpGet: { readonly path: string } };
        readonly livenessProbe: { readonly httpGet: { readonly path: string } };
      },
    ];
  };
}

const hasRoot = canHaveRootOfItsOwn();
const how = hasRoot ? 'in a root of its own' : 'in a directory, as whoever runs this, with a kubeconfig: for another root and user one must be root on Linux';
const ours = '/api/v1/namespaces/kubernaut-system';
const credentials = { AWS_ACCESS_KEY_ID: localCredentials.accessKeyId, AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey };
const seconds = 20;

/** The kubelet's part, played here: a pod that the chart's Deployment made, its image's files, its environment and its token. There is no /proc. */
describe(`the watcher as its image runs it, ${how}`, () => {
  const controlPlane = ownControlPlane();
  const release = chartRelease(controlPlane);
  let sqs: SqsServer;
  let receiver: QueueReceiver;
  let image: ImageRoot;
  let pod: KubernetesObject & WatcherPod;
  let container: Container;
  let url = '';

  beforeAll(async () => {
    const { admin, apply } = controlPlane();
    sqs = await startSqsServer(0);
    const client = createSqsClient(sqs.endpoint, {});
    const { urlPrefix } = await createSqsQueues(client, 'image-', readServerlessFile(root).queues);
    receiver = sqsReceiver({ client, urlPrefix, region: 'eu-central-1' });
    for (const object of readObjects(join(chartDirectory, '../rbac/namespace.yaml'))) await apply(object);
    succeeded(await admin('POST', `${ours}/secrets`, { body: { metadata: { name: 'aws' }, stringData: credentials } }));
    const watcher = { ...requiredValues.watcher, awsRegion: 'eu-central-1', sqsEndpoint: sqs.endpoint, credentialsSecret: 'aws' };
    await release.install({ ...requiredValues, queueUrlPrefix: urlPrefix, watcher });
    const { body } = await eventually(
      () => admin('GET', `${ours}/pods`),
      (answer) => (answer.body['items'] as unknown as readonly unknown[]).length > 0,
    );
    [pod] = body['items'] as unknown as readonly [typeof pod];
    image = await followDockerfile('infra/watcher/Dockerfile', join(controlPlane().directory, 'image'));
  });
  afterAll(async () => {
    await container?.stop();
    await sqs?.close();
  });

  const containerOf = () => pod.spec.containers[0];

  /** What a kubelet gives a container: the image's variables, the pod's, the Secret's, and where the API is. */
  function environment(): Readonly<Record<string, string>> {
    const { hostname, port } = new URL(controlPlane().url);
    return {
      ...image.environment,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      ...credentials,
      ...Object.fromEntries(containerOf().env.map(({ name, value = '' }) => [name, value])),
      KUBERNAUT_WATCHER_PORT: '0', // of a pod the port is its own; of this machine somebody else may have it
    };
  }

  async function start(): Promise<Container> {
    const { caPem, tokenOf, directory } = controlPlane();
    const token = await tokenOf('kubernaut-watcher', pod);
    if (!hasRoot) {
      const file = join(directory, 'watcher.kubeconfig');
      await writeFile(file, kubeconfigYaml({ url: controlPlane().url, caPem, token }));
      return runInDirectory({ ...image, environment: { ...environment(), KUBERNAUT_KUBECONFIG_FILE: file } });
    }
    await addNode(image.directory);
    const [{ mountPath }] = containerOf().volumeMounts as readonly [{ readonly mountPath: string }];
    await mkdir(join(image.directory, mountPath), { recursive: true });
    for (const [name, content] of Object.entries({ token, 'ca.crt': caPem, namespace: 'kubernaut-system' })) {
      await writeFile(join(image.directory, mountPath, name), content);
    }
    await makeReadOnly(image.directory);
    return runInRoot({ ...image, environment: environment() });
  }

  it('is one file, which nobody may write', async () => {
    expect(await filesBelow(image.directory)).toEqual(['/watcher/watcher.mjs']);
    expect([image.argv.at(-1), image.user]).toEqual(['/watcher/watcher.mjs', 65_532]);
    expect(containerOf().envFrom).toEqual([{ secretRef: { name: 'aws' } }]);
  });

  it('starts as nobody, and is ready when it watches everything', async () => {
    container = await start();
    const said = /"message":"watching".*"port":(\d+)/;
    await expect.poll(() => container.output.stdout + container.output.stderr, { timeout: seconds * 1_000 }).toMatch(said);
    url = `http://127.0.0.1:${said.exec(container.output.stdout)?.[1] ?? ''}`;
    expect(await container.user()).toBe(hasRoot ? image.user : process.getuid?.());
    const { readinessProbe, livenessProbe } = containerOf();
    const probed = async (path: string) => (await fetch(`${url}${path}`)).text();
    await expect.poll(() => probed(readinessProbe.httpGet.path), { timeout: seconds * 1_000 }).toBe('ok\n');
    expect(await probed(livenessProbe.httpGet.path)).toBe('ok\n');
    expect(container.output.stderr).toBe('');
  });

  it('brings a change of a resource to its queue, and counts it', async () => {
    const { apiVersion, kind, spec } = aRequest();
    await create(controlPlane().admin, { apiVersion, kind, metadata: { name: 'rr-1', namespace: 'kubernaut-system' }, spec } as unknown as KubernetesObject);
    const [record] = await receiver.receive('remediation-requests', 1, AbortSignal.timeout(seconds * 1_000), seconds);
    expect(JSON.parse(record?.body ?? '{}')).toEqual({
      cluster: 'primary-cluster',
      kind: 'RemediationRequest',
      namespace: 'kubernaut-system',
      name: 'rr-1',
      cause: 'watch',
    });
    expect(container.output.stderr).toBe('');
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await expect.poll(metrics, { timeout: seconds * 1_000 }).toContain('kubernaut_watcher_forwarded_total{queue="remediation-requests"} 1');
  });

  it('cannot write what it watches', async () => {
    const { withToken, tokenOf } = controlPlane();
    const watcher = withToken(await tokenOf('kubernaut-watcher', pod));
    const path = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests/rr-1';
    succeeded(await watcher('GET', path.replace('/rr-1', '')));
    expect(await watcher('DELETE', path)).toMatchObject({ status: 403 });
  });

  it('ends by SIGTERM with nothing unsent, and has written nothing', async () => {
    const before = await filesBelow(image.directory);
    expect(await container.stop()).toBe(0);
    expect(container.output.stdout).toMatch(/"message":"stopped".*"unsent":0/);
    expect(before.filter((path) => path.startsWith('/watcher') || path.startsWith('/home') || path.startsWith('/tmp'))).toEqual(['/watcher/watcher.mjs']);
    expect(await filesBelow(image.directory)).toEqual(before);
  });
});
