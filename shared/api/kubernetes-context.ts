import type { JsonObject } from './json.ts';

/**
 * What surrounds a target, as processing writes it and analysis reads it (`kubernetesContext`, at most 8,192 bytes as JSON). Facts of
 * the API only: no logs, no values of ConfigMaps or Secrets. Type aliases, so that it is a JsonObject.
 */
export type KubernetesContext = {
  readonly workload: WorkloadContext;
  readonly pods?: PodsContext;
  readonly events?: readonly EventContext[];
  readonly node?: NodeContext;
  readonly autoscaler?: AutoscalerContext;
  readonly budget?: BudgetContext;
  readonly quotas?: readonly QuotaContext[];
  readonly rollout?: RolloutContext;
};

export type WorkloadContext = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly containers?: readonly ContainerContext[];
  /** Names of the ConfigMaps that its pods read. */
  readonly configMaps?: readonly string[];
};

export type ContainerContext = {
  readonly name: string;
  readonly image: string;
  readonly memoryLimit?: string;
  readonly memoryRequest?: string;
  readonly cpuLimit?: string;
  readonly cpuRequest?: string;
};

export type PodsContext = {
  readonly total: number;
  readonly ready: number;
  /** The ones in the worst state first, at most ten. */
  readonly worst: readonly PodContext[];
};

export type PodContext = {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly node?: string;
  /** Of the container in the worst state: CrashLoopBackOff, ImagePullBackOff … */
  readonly waitingReason?: string;
  /** OOMKilled, Error … */
  readonly lastTerminatedReason?: string;
  readonly lastExitCode?: number;
  readonly container?: string;
};

export type EventContext = {
  readonly type: string;
  readonly reason: string;
  readonly object: string;
  readonly message: string;
  readonly count: number;
};

export type NodeContext = {
  readonly name: string;
  readonly ready: boolean;
  readonly pressures: readonly string[];
  readonly unschedulable: boolean;
};

export type AutoscalerContext = {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly desiredReplicas: number;
};

export type BudgetContext = {
  readonly name: string;
  readonly disruptionsAllowed: number;
  readonly desiredHealthy: number;
};

export type QuotaContext = {
  readonly name: string;
  readonly hard: Readonly<Record<string, string>>;
  readonly used: Readonly<Record<string, string>>;
};

export type RolloutContext = {
  readonly revision: number;
  readonly previousRevision?: number;
  readonly startedAt?: string;
};

/** What was stored, as its reader wants it. The writer is ours, so only the part that everything hangs on is checked. */
export function readKubernetesContext(stored: JsonObject | undefined): KubernetesContext | null {
  const workload = stored?.['workload'];
  return typeof workload === 'object' && workload !== null && !Array.isArray(workload) ? (stored as unknown as KubernetesContext) : null;
}
