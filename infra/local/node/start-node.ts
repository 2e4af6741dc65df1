import { isAlreadyExists } from '../../../shared/kubernetes/errors.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { createApiClient } from '../controllers/api-client.ts';
import { startController, type Running } from '../controllers/controller.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { Executor } from './executor.ts';
import { startHeartbeat } from './heartbeat.ts';
import { startKubelet } from './kubelet.ts';
import { nodeObject } from './node-object.ts';
import { nodeStatusController } from './node-status-controller.ts';
import type { PodLogs } from './pod-logs.ts';
import { scheduler } from './scheduler.ts';

export interface NodeOptions {
  readonly transport: Transport;
  readonly clock: TrackedClock;
  /** 0 to below 1. */
  readonly random: () => number;
  readonly logs: PodLogs;
  readonly executor: Executor;
  /** Nodes to play; at most 50. */
  readonly nodeNames?: readonly string[];
  /** False where the cluster has a scheduler of its own. */
  readonly schedules?: boolean;
  /** True where a controller-manager watches over the nodes; the sandbox has none, and its time stands still between events. */
  readonly beats?: boolean;
  /** Where an API server reaches the kubelets; absent: it has no need to. */
  readonly kubeletApi?: { readonly address: string; readonly port: number };
  /** Told of what went wrong and will be tried again. */
  readonly report: (message: string) => void;
}

export interface RunningNode extends Running {
  /** Which way executor pods are run. */
  readonly executor: string;
}

export const defaultNodeName = 'sandbox-node';
const nodesMax = 50;

/** Registers the nodes, schedules pods to them and plays their kubelets, until stopped. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { clock, nodeNames = [defaultNodeName], executor, schedules = true, beats = false } = options;
  if (nodeNames.length > nodesMax) throw new RangeError(`nodeNames: ${nodeNames.length} nodes are more than the ${nodesMax} that one process plays`);
  const { kubeletApi } = options;
  const nodes = Object.fromEntries(nodeNames.map((name, index) => [name, kubeletApi?.address ?? `10.0.0.${10 + index}`]));
  await clock.track(() => register(options, nodes));
  const running = [
    startKubelet({ ...options, nodes }),
    startController(nodeStatusController(nodeNames), options),
    ...(schedules ? [startController(scheduler, options)] : []),
    ...(beats ? [startHeartbeat({ ...options, nodeNames })] : []),
  ];
  return {
    executor: executor.description,
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
      await executor.close();
    },
  };
}

async function register({ transport, clock, kubeletApi }: NodeOptions, nodes: Readonly<Record<string, string>>): Promise<void> {
  const client = createApiClient(transport, 'kubelet');
  for (const [name, address] of Object.entries(nodes)) {
    try {
      await client.create(nodeObject(name, { address, kubeletPort: kubeletApi?.port }, clock.now()));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // it was registered before this process started anew
    }
  }
}
