import type { MissingSource } from '../../shared/api/cluster-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';

/** What was read around a target; a list that could not be read is empty and named in `missing`. */
export interface Surroundings {
  readonly pods: readonly KubernetesObject[];
  readonly events: readonly KubernetesObject[];
  readonly replicaSets: readonly KubernetesObject[];
  readonly autoscalers: readonly KubernetesObject[];
  readonly budgets: readonly KubernetesObject[];
  readonly quotas: readonly KubernetesObject[];
  readonly node: KubernetesObject | null;
  readonly missing: readonly MissingSource[];
}

const podsMax = 200;
const eventsMax = 200;
const othersMax = 50;

interface Question {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>;
  readonly target: KubernetesObject;
  /** After the phase's deadline what still cannot be read is missing; before, trouble is thrown and the queue tries again. */
  readonly isLate: boolean;
}

/** Reads side by side. A refusal (403, 404) is an answer: that source is missing. */
export async function readSurroundings({ cluster, target, isLate }: Question): Promise<Surroundings> {
  const missing: MissingSource[] = [];
  const sought = async <Found>(source: string, nothing: Found, read: () => Promise<Found>): Promise<Found> => {
    try {
      return await read();
    } catch (error) {
      if (!isLate && !isAnswer(error)) throw error;
      missing.push({ source, reason: error instanceof Error ? error.message.slice(0, 512) : String(error) });
      return nothing;
    }
  };
  const namespace = target.metadata.namespace;
  const node = target.kind === 'Node' ? target : null;
  if (namespace === undefined) return { ...nothing, node, missing };
  const within = { namespace, limit: othersMax };
  const labelSelector = selectorOf(target);
  const list = (source: string, apiVersion: string, kind: string, options: Parameters<ClusterReader['list']>[1]) =>
    sought(source, [], () => cluster.list({ apiVersion, kind }, options));
  const ofPods = labelSelector === null ? null : { namespace, labelSelector, limit: podsMax };
  const [pods, events, replicaSets, autoscalers, budgets, quotas] = await Promise.all([
    target.kind === 'Pod' ? [target] : ofPods === null ? [] : list('pods', 'v1', 'Pod', ofPods),
    list('events', 'v1', 'Event', { namespace, limit: eventsMax }),
    ofPods !== null && target.kind === 'Deployment' ? list('rollout', 'apps/v1', 'ReplicaSet', ofPods) : [],
    list('autoscaler', 'autoscaling/v2', 'HorizontalPodAutoscaler', within),
    list('budget', 'policy/v1', 'PodDisruptionBudget', within),
    list('quota', 'v1', 'ResourceQuota', within),
  ]);
  const nodeName = nodeOf(pods);
  const podsNode = nodeName === undefined ? null : await sought('node', null, () => cluster.get({ apiVersion: 'v1', kind: 'Node', name: nodeName }));
  return { pods, events, replicaSets, autoscalers, budgets, quotas, node: podsNode, missing };
}

const nothing: Omit<Surroundings, 'node' | 'missing'> = { pods: [], events: [], replicaSets: [], autoscalers: [], budgets: [], quotas: [] };

function isAnswer(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

/** matchLabels only; a target that selects by expressions has its pods left unread rather than guessed. */
function selectorOf(target: KubernetesObject): string | null {
  const spec = target['spec'] as
    | { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>>; readonly matchExpressions?: readonly unknown[] } }
    | undefined;
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  if (labels.length === 0 || (spec?.selector?.matchExpressions ?? []).length > 0) return null;
  return labels.map(([key, value]) => `${key}=${value}`).join(',');
}

/** The node that most pods share tells most; with several, the first pod that has one. */
function nodeOf(pods: readonly KubernetesObject[]): string | undefined {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const name = (pod['spec'] as { readonly nodeName?: string } | undefined)?.nodeName;
    if (name !== undefined && name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
