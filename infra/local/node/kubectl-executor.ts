import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { createApiClient } from '../controllers/api-client.ts';
import type { Pod } from '../controllers/pod.ts';
import { kubeconfigYaml } from '../sandbox/https-kubeconfig.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { refusalOf, rewriteArguments } from './arguments.ts';
import { argvOf, type Executor, type ExecutorExit } from './executor.ts';
import type { Kubectl } from './find-kubectl.ts';
import { createPodDirectory } from './pod-directory.ts';
import { requestPodToken } from './pod-token.ts';
import { spawnKubectl } from './spawn-kubectl.ts';

export interface KubectlExecutorOptions {
  readonly kubectl: Kubectl;
  /** The node's own, to ask for the pods' tokens. */
  readonly transport: Transport;
  readonly clock: TrackedClock;
  /** Where kubectl reaches the API server. */
  readonly server: ApiServer;
  /** Holds the private directory of this run while it lasts. */
  readonly temporaryDirectory: string;
}

export interface ApiServer {
  readonly url: string;
  readonly caPem: string;
}

/** Runs kubectl as a process of this machine, as the pod's ServiceAccount and with nothing of ours. */
export async function createKubectlExecutor({ kubectl, transport, clock, server, temporaryDirectory }: KubectlExecutorOptions): Promise<Executor> {
  const client = createApiClient(transport, 'kubelet');
  const runDirectory = await mkdtemp(join(temporaryDirectory, 'kubernaut-node-')); // mkdtemp makes it for its owner only

  async function runPod(pod: Pod, log: (text: string) => void, signal: AbortSignal): Promise<ExecutorExit> {
    const token = await requestPodToken(client, pod);
    const kubeconfig = kubeconfigYaml({ ...server, token, namespace: pod.metadata.namespace });
    const directory = await createPodDirectory({ runDirectory, pod, kubeconfig });
    try {
      const { mounts, environment, workingDirectory } = directory;
      const refusal = refusalOf(argvOf(pod), mounts);
      if (refusal !== null) return { exitCode: 126, message: `refused by the node: ${refusal}` };
      const argv = rewriteArguments(argvOf(pod), mounts);
      const graceSeconds = pod.spec.terminationGracePeriodSeconds;
      return await spawnKubectl({ path: kubectl.path, argv, environment, workingDirectory, log, signal, graceSeconds, clock });
    } finally {
      await directory.remove();
    }
  }

  return {
    description: `kubectl ${kubectl.version} at ${kubectl.path}`,
    async run(pod, log, signal) {
      try {
        return await runPod(pod, log, signal);
      } catch (error) {
        return { exitCode: 128, message: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => rm(runDirectory, { recursive: true, force: true }),
  };
}
