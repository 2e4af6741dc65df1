import { contextBytesMax } from '../../shared/api/cluster-context.ts';
import { jsonBytesOf } from '../../shared/api/json.ts';
import type { KubernetesContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { cutText, maskSecrets } from '../../shared/api/text.ts';
import { podsContext } from './pods-context.ts';
import type { Surroundings } from './surroundings.ts';
import { workloadContext } from './workload-context.ts';

const eventsMax = 10;
const eventMessageBytesMax = 256;
const quotasMax = 5;

/** The facts that analysis works with. What does not fit goes in this order: events, pods beyond the worst, quotas; the workload stays. Pure. */
export function contextOf(target: KubernetesObject, around: Surroundings): KubernetesContext {
  const pods = podsContext(around.pods);
  const names = new Set([
    target.metadata.name,
    ...around.pods.map(({ metadata }) => metadata.name),
    ...around.replicaSets.map(({ metadata }) => metadata.name),
  ]);
  const whole: KubernetesContext = {
    workload: workloadContext(target),
    ...(around.pods.length > 0 && { pods }),
    ...optional('events', eventsContext(around.events, names)),
    ...optional('node', around.node === null ? undefined : nodeContext(around.node)),
    ...optional('autoscaler', autoscalerContext(around.autoscalers, target)),
    ...optional('budget', budgetContext(around.budgets, target)),
    ...optional('quotas', quotasContext(around.quotas)),
    ...optional('rollout', rolloutContext(around.replicaSets, target)),
  };
  return fitting(whole);
}

function fitting(context: KubernetesContext): KubernetesContext {
  const { events = [], pods, quotas, ...rest } = context;
  const fewer = events.map((_, index) => ({ ...context, events: events.slice(0, events.length - 1 - index) }));
  const candidates: readonly KubernetesContext[] = [
    context,
    ...fewer,
    ...(pods === undefined ? [] : [5, 2, 0].map((count) => ({ ...rest, pods: { ...pods, worst: pods.worst.slice(0, count) }, ...optional('quotas', quotas) }))),
    rest,
    { workload: { ...rest.workload, containers: (rest.workload.containers ?? []).slice(0, 5), configMaps: [] } },
  ];
  return candidates.find((candidate) => jsonBytesOf(candidate) <= contextBytesMax) ?? { workload: withoutDetails(rest.workload) };
}

function withoutDetails({ apiVersion, kind, name, namespace }: KubernetesContext['workload']): KubernetesContext['workload'] {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}

function eventsContext(events: readonly KubernetesObject[], names: ReadonlySet<string>): KubernetesContext['events'] {
  const ours = events.flatMap((event) => {
    const { involvedObject, type = 'Normal', reason = '', message = '', count = 1, lastTimestamp = '' } = event as EventFields;
    if (involvedObject?.name === undefined || !names.has(involvedObject.name)) return [];
    const text = cutText(maskSecrets(message), eventMessageBytesMax);
    return [{ type, reason, object: `${involvedObject.kind ?? ''}/${involvedObject.name}`, message: text, count, lastTimestamp }];
  });
  if (ours.length === 0) return undefined;
  // Warnings first, then the newest.
  const sorted = ours.toSorted((a, b) => Number(b.type === 'Warning') - Number(a.type === 'Warning') || (a.lastTimestamp < b.lastTimestamp ? 1 : -1));
  return sorted.slice(0, eventsMax).map(({ type, reason, object, message, count }) => ({ type, reason, object, message, count }));
}

type EventFields = KubernetesObject & {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string;
};

const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];

function nodeContext(node: KubernetesObject): KubernetesContext['node'] {
  const status = node['status'] as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } | undefined;
  const holding = (status?.conditions ?? []).filter(({ status: holds }) => holds === 'True').map(({ type }) => type);
  const spec = node['spec'] as { readonly unschedulable?: boolean } | undefined;
  return {
    name: node.metadata.name,
    ready: holding.includes('Ready'),
    pressures: pressures.filter((type) => holding.includes(type)),
    unschedulable: spec?.unschedulable === true,
  };
}

function autoscalerContext(autoscalers: readonly KubernetesObject[], target: KubernetesObject): KubernetesContext['autoscaler'] {
  const fields = (object: KubernetesObject) =>
    object['spec'] as {
      readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
      readonly minReplicas?: number;
      readonly maxReplicas?: number;
    };
  const found = autoscalers.find(
    (object) => fields(object).scaleTargetRef?.kind === target.kind && fields(object).scaleTargetRef?.name === target.metadata.name,
  );
  if (found === undefined) return undefined;
  const { minReplicas = 1, maxReplicas = 0 } = fields(found);
  const status = found['status'] as { readonly desiredReplicas?: number } | undefined;
  return { name: found.metadata.name, minReplicas, maxReplicas, desiredReplicas: status?.desiredReplicas ?? 0 };
}

function budgetContext(budgets: readonly KubernetesObject[], target: KubernetesObject): KubernetesContext['budget'] {
  const labels = templateLabels(target);
  const found = budgets.find((budget) => {
    const spec = budget['spec'] as { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } } | undefined;
    const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
  });
  if (found === undefined) return undefined;
  const status = found['status'] as { readonly disruptionsAllowed?: number; readonly desiredHealthy?: number } | undefined;
  return { name: found.metadata.name, disruptionsAllowed: status?.disruptionsAllowed ?? 0, desiredHealthy: status?.desiredHealthy ?? 0 };
}

function templateLabels(target: KubernetesObject): Readonly<Record<string, string>> {
  const spec = target['spec'] as { readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } } | undefined;
  return spec?.template?.metadata?.labels ?? target.metadata.labels ?? {};
}

function quotasContext(quotas: readonly KubernetesObject[]): KubernetesContext['quotas'] {
  if (quotas.length === 0) return undefined;
  return quotas.slice(0, quotasMax).map((quota) => {
    const { hard = {}, used = {} } = (quota['status'] ?? {}) as {
      readonly hard?: Readonly<Record<string, string>>;
      readonly used?: Readonly<Record<string, string>>;
    };
    return { name: quota.metadata.name, hard, used };
  });
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

function rolloutContext(replicaSets: readonly KubernetesObject[], target: KubernetesObject): KubernetesContext['rollout'] {
  const revisions = replicaSets
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === target.metadata.uid))
    .map(({ metadata }) => ({ revision: Number(metadata.annotations?.[revisionAnnotation] ?? 0), startedAt: metadata.creationTimestamp }))
    .toSorted((a, b) => b.revision - a.revision);
  const [current, previous] = revisions;
  if (current === undefined) return undefined;
  return {
    revision: current.revision,
    ...(previous !== undefined && { previousRevision: previous.revision }),
    ...(current.startedAt !== undefined && { startedAt: current.startedAt }),
  };
}

function optional<Key extends keyof KubernetesContext>(
  key: Key,
  value: KubernetesContext[Key] | undefined,
): Pick<KubernetesContext, Key> | Record<never, never> {
  return value === undefined ? {} : { [key]: value };
}
