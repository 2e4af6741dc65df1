import { KubeConfig } from '@kubernetes/client-node';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { httpsTransport } from '../../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { listAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { createContainerLogs } from '../container-logs.ts';
import { findPrograms, programLines } from '../control-plane/find-programs.ts';
import { startControlPlane, type ApiServerSettings, type ControlPlane } from '../control-plane/start-control-plane.ts';
import { createApiClient } from '../controllers/api-client.ts';
import type { Pod } from '../controllers/pod.ts';
import type { Executor } from '../node/executor.ts';
import { serveKubeletApi } from '../node/kubelet-api.ts';
import type { PodLogs } from '../node/pod-logs.ts';
import { requestPodToken } from '../node/pod-token.ts';
import { defaultNodeName, startNode } from '../node/start-node.ts';
import { waitUntil } from '../story/wait-until.ts';
import { awaitAdmission } from './admission-in-force.ts';
import type { Closers } from './closers.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { findExecutor } from './executor.ts';
import { createObject, installAdmission, installPolicies, installProduct } from './install.ts';
import type { LocalCluster, ServedCluster } from './local-cluster.ts';

export interface RealClusterOptions extends ClusterOptions, ApiServerSettings {
  readonly signal: AbortSignal;
  /** Told which programs were taken, and of what takes long. */
  readonly tell: (line: string) => void;
  /** Told when a process of the control plane ends by itself. */
  readonly failed: (how: string) => void;
}

export interface RealCluster extends ServedCluster {
  readonly controlPlane: ControlPlane;
}

const secondsMax = 30;

/** A control plane beside this process, and a node of ours that joins it. Throws StartFailed. */
export async function startRealCluster(options: RealClusterOptions, closers: Closers): Promise<RealCluster> {
  const { clock, apiPort, workspace, signal, tell, failed, environment, cacheDirectory } = options;
  const programs = await findPrograms({ environment, cacheDirectory, signal, tell });
  for (const line of programLines(programs)) tell(line);
  const { directory } = workspace;
  const { audit, admissionPlugins, nodes = {} } = options;
  const controlPlane = await startControlPlane({
    programs,
    apiPort,
    directory,
    namespace: defaultNamespace,
    clock,
    signal,
    failed,
    audit,
    admissionPlugins,
  });
  closers.add(() => controlPlane.stop());
  const { admin, node, url, caPem, kubeconfigs } = controlPlane;
  const simulation = { reader: admin, clock, actAs: (pod: Pod) => podTransport(controlPlane, pod) };
  const found =
    nodes.executor?.(simulation) ??
    (await findExecutor({ ...simulation, transport: node, server: { url, caPem }, environment, cacheDirectory, temporaryDirectory: directory }));
  const executor = nodes.aroundExecutor?.(found) ?? found;
  return {
    controlPlane,
    description: `kube-apiserver ${programs['kube-apiserver'].version}`,
    admin,
    url,
    caPem,
    kubeconfig: kubeconfigs.admin,
    kubeconfigOf: ({ name, groups = [] }) => controlPlane.kubeconfigOf({ commonName: name, organizations: groups }),
    async install(root, admission) {
      await installProduct(admin, root, { clock, signal });
      await installPolicies(admin, root);
      if (admission === null) return;
      await installAdmission(admin, admission);
      await awaitAdmission(admin, { clock, signal });
    },
    start: (ports) => startLife(controlPlane, executor, { ports, signal, nodeNames: nodes.names ?? [defaultNodeName] }),
    close: () => controlPlane.stop(),
  };
}

interface Life {
  readonly ports: Parameters<LocalCluster['start']>[0];
  readonly signal: AbortSignal;
  readonly nodeNames: readonly string[];
}

/** The nodes with its kubelet's API; scheduler and controllers are the cluster's own. Resolves when pods can be placed there. */
async function startLife({ admin, node: transport, kubelet, caPem }: ControlPlane, executor: Executor, { ports, signal, nodeNames }: Life) {
  const { clock } = ports;
  const logs = createContainerLogs();
  await createObject(admin, nodeRole);
  await waitUntil(() => mayRegister(transport), { clock, signal, what: 'the nodes may register', secondsMax });
  const kubeletApi = await serveKubeletApi({ certificate: kubelet, clientName: kubelet.clientName, caPem, transport, logs, clock });
  const podLogs: PodLogs = {
    appendLog: (podUid, container, text) => {
      logs.append(podUid, container, text);
    },
    forgetLogs: (podUid) => {
      logs.forget(podUid);
    },
  };
  const node = await startNode({ ...ports, transport, logs: podLogs, executor, nodeNames, schedules: false, beats: true, kubeletApi });
  const stop = async () => {
    await node.stop();
    await kubeletApi.close();
  };
  try {
    for (const name of nodeNames) await waitUntil(() => takesPods(admin, name), { clock, signal, what: `the node ${name} takes pods`, secondsMax });
  } catch (error) {
    await stop();
    throw error;
  }
  return { executor: node.executor, stop };
}

/** The role that Kubernetes ships for kubelets; where no Node authorizer narrows it to what each has bound, it is bound by hand. */
const nodeRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'kubernaut-local-nodes' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
};

/** The API server learns of a binding by a watch of its own, after it has answered the one who made it. */
async function mayRegister(node: Transport): Promise<boolean> {
  const spec = { resourceAttributes: { verb: 'create', resource: 'nodes' } };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
  const review = await createApiClient(node, 'kubelet').send({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body });
  return valueAt(review, 'status', 'allowed') === true;
}

/** A new node is tainted until the controller-manager has seen it ready. */
async function takesPods(admin: Transport, name: string): Promise<boolean> {
  const node = await createApiClient(admin, 'kubernaut').get({ apiVersion: 'v1', kind: 'Node', name });
  return node !== null && listAt(node, 'spec', 'taints').length === 0;
}

/** The API as the pod's ServiceAccount, for a simulated kubectl. */
async function podTransport({ node, kubeconfigs }: ControlPlane, pod: Pod): Promise<Transport> {
  const token = await requestPodToken(createApiClient(node, 'kubelet'), pod);
  const ofNode = new KubeConfig();
  ofNode.loadFromFile(kubeconfigs.node);
  const kubeconfig = new KubeConfig();
  const name = 'pod';
  const cluster = ofNode.getCurrentCluster();
  if (cluster === null) throw new Error(`${kubeconfigs.node} names no cluster`);
  kubeconfig.loadFromOptions({ clusters: [cluster], users: [{ name, token }], contexts: [{ name, cluster: cluster.name, user: name }], currentContext: name });
  return httpsTransport(kubeconfig);
}
