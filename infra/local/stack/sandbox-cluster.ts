import { randomUUID } from 'node:crypto';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { startControllers } from '../controllers/start-controllers.ts';
import type { Pod } from '../controllers/pod.ts';
import type { Executor } from '../node/executor.ts';
import { startNode } from '../node/start-node.ts';
import type { Person } from '../sandbox/authentication.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import { kubeconfigYaml } from '../sandbox/https-kubeconfig.ts';
import { serveHttps } from '../sandbox/https.ts';
import { administrator, type Sandbox } from '../sandbox/sandbox.ts';
import { standardExtensions } from '../sandbox/standard-extensions.ts';
import { tokenIssuer } from '../sandbox/token.ts';
import type { Closers } from './closers.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { findExecutor } from './executor.ts';
import { podUser } from './identities.ts';
import { installAdmission, installProduct } from './install.ts';
import type { LocalCluster, ServedCluster } from './local-cluster.ts';
import { listening } from './start-failed.ts';
import { randomToken } from './workspace.ts';

/** The sandbox with controllers and a node of ours. */
export function sandboxCluster(sandbox: Sandbox, executor: Executor, nodeNames?: readonly string[]): LocalCluster {
  const admin = sandbox.transport(administrator);
  return {
    admin,
    async start(ports) {
      const controllers = startControllers({ ...ports, transport: admin });
      const node = await startNode({ ...ports, transport: admin, logs: sandbox, executor, ...(nodeNames !== undefined && { nodeNames }) });
      return {
        executor: node.executor,
        async stop() {
          await node.stop();
          await controllers.stop();
        },
      };
    },
    async close() {
      sandbox.close();
    },
  };
}

/** A sandbox over HTTPS. Throws StartFailed. */
export async function serveSandbox(options: ClusterOptions, closers: Closers): Promise<ServedCluster> {
  const { clock, apiPort, workspace, environment, cacheDirectory, nodes = {} } = options;
  const tokens = tokenIssuer(clock);
  const adminToken = randomToken();
  const people: Person[] = [];
  const sandbox = createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokens) });
  const front = await listening({ what: 'the Kubernetes API', option: '--api-port', port: apiPort }, () =>
    serveHttps(sandbox, { port: apiPort, clock, credentials: { tokens, adminToken, people } }),
  );
  closers.add(() => front.close());
  const save = (name: string, token: string) => workspace.write(name, kubeconfigYaml({ ...front, token, namespace: defaultNamespace }));
  const kubeconfig = await save('kubeconfig', adminToken);
  const admin = sandbox.transport(administrator);
  const simulation = { reader: admin, clock, actAs: (pod: Pod) => Promise.resolve(sandbox.transport(podUser(pod))) };
  const found =
    nodes.executor?.(simulation) ??
    (await findExecutor({ ...simulation, transport: admin, server: front, environment, cacheDirectory, temporaryDirectory: workspace.directory }));
  const executor = nodes.aroundExecutor?.(found) ?? found;
  const cluster = sandboxCluster(sandbox, executor, nodes.names);
  return {
    ...cluster,
    description: 'sandbox',
    controlPlane: null,
    url: front.url,
    caPem: front.caPem,
    kubeconfig,
    async kubeconfigOf({ name, groups = [] }) {
      const token = randomToken();
      people.push({ token, user: { username: name, groups: [...groups, 'system:authenticated'] } });
      return save(`person-${people.length}.kubeconfig`, token);
    },
    async install(root, admission) {
      await installProduct(cluster.admin, root, { clock });
      if (admission !== null) await installAdmission(cluster.admin, admission);
    },
  };
}
