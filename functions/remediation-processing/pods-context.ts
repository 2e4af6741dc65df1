import type { PodContext, PodsContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

const worstMax = 10;

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: Termination };
  readonly lastState?: { readonly terminated?: Termination };
}

interface Termination {
  readonly reason?: string;
  readonly exitCode?: number;
}

/** How many are ready, and the ones in the worst state: not ready before ready, then by restarts. */
export function podsContext(pods: readonly KubernetesObject[]): PodsContext {
  const all = pods.map(podContext);
  const worst = all.toSorted((a, b) => Number(a.ready) - Number(b.ready) || b.restarts - a.restarts || (a.name < b.name ? -1 : 1));
  return { total: all.length, ready: all.filter(({ ready }) => ready).length, worst: worst.slice(0, worstMax) };
}

function podContext({ metadata, ...pod }: KubernetesObject): PodContext {
  const spec = pod['spec'] as { readonly nodeName?: string } | undefined;
  const status = (pod['status'] ?? {}) as {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
  const containers = status.containerStatuses ?? [];
  const worst = containers.toSorted((a, b) => severity(b) - severity(a) || (b.restartCount ?? 0) - (a.restartCount ?? 0))[0];
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    phase: status.phase ?? 'Unknown',
    ready: (status.conditions ?? []).some(({ type, status: holds }) => type === 'Ready' && holds === 'True'),
    restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    ...(worst !== undefined && containerFacts(worst)),
  };
}

/** Of a container that ended and was not started again yet, the end that is its present state. */
function endOf({ state, lastState }: ContainerStatus): Termination | undefined {
  return state?.terminated ?? lastState?.terminated;
}

function severity(container: ContainerStatus): number {
  return Number(container.state?.waiting?.reason !== undefined) * 2 + Number(endOf(container) !== undefined);
}

function containerFacts(container: ContainerStatus): Partial<PodContext> {
  const { name, state } = container;
  const waitingReason = state?.waiting?.reason;
  const { reason, exitCode } = endOf(container) ?? {};
  return {
    ...(waitingReason !== undefined && { waitingReason }),
    ...(reason !== undefined && { lastTerminatedReason: reason }),
    ...(exitCode !== undefined && { lastExitCode: exitCode }),
    ...((waitingReason !== undefined || reason !== undefined) && { container: name }),
  };
}
