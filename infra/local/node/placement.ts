import { parseQuantity } from '../../../shared/actions/quantity.ts';
import { listAt, stringAt, stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { isFinished, type Pod } from '../controllers/pod.ts';
import { isReadyNode, type Node } from './node-object.ts';

export type Placement = { readonly kind: 'node'; readonly name: string } | { readonly kind: 'nowhere'; readonly message: string };

/** Where a pod goes: among the nodes that may take it, the one with the fewest pods, then the first by name. */
export function placePod(pod: Pod, nodes: readonly Node[], placed: readonly Pod[]): Placement {
  const verdicts = nodes.map((node) => ({ node, obstacle: obstacleOf(pod, node, podsOn(node, placed)) }));
  const fitting = verdicts.filter(({ obstacle }) => obstacle === null).map(({ node }) => node);
  const [best] = fitting.toSorted((a, b) => podsOn(a, placed).length - podsOn(b, placed).length || (a.metadata.name < b.metadata.name ? -1 : 1));
  if (best !== undefined) return { kind: 'node', name: best.metadata.name };
  return { kind: 'nowhere', message: `0/${nodes.length} nodes are available: ${summary(verdicts.map(({ obstacle }) => obstacle ?? ''))}.` };
}

/** `2 Insufficient cpu, 1 node(s) were unschedulable`, as the scheduler says it. */
function summary(obstacles: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const obstacle of obstacles) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  const parts = [...counts].map(([obstacle, count]) => `${count} ${obstacle}`);
  return parts.length === 0 ? 'there are no nodes' : parts.toSorted().join(', ');
}

function obstacleOf(pod: Pod, node: Node, neighbours: readonly Pod[]): string | null {
  const taint = [...impliedTaints(node), ...node.spec.taints].find((candidate) => candidate.effect !== 'PreferNoSchedule' && !isTolerated(pod, candidate));
  if (taint !== undefined) return taint.key === unschedulableTaint ? 'node(s) were unschedulable' : 'node(s) had untolerated taint(s)';
  if (!selectorMatches(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  return shortage(pod, node, neighbours);
}

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

const unschedulableTaint = 'node.kubernetes.io/unschedulable';

/** What a control plane would taint it with. */
function impliedTaints(node: Node): readonly Taint[] {
  const cordoned = node.spec.unschedulable ? [{ key: unschedulableTaint, value: '', effect: 'NoSchedule' }] : [];
  return isReadyNode(node) ? cordoned : [...cordoned, { key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule' }];
}

function isTolerated({ spec }: Pod, taint: Taint): boolean {
  return listAt(spec, 'tolerations').some((toleration) => {
    const { key = '', operator = 'Equal', value = '', effect = '' } = stringsAt({ toleration }, 'toleration');
    if (effect !== '' && effect !== taint.effect) return false;
    if (key === '') return operator === 'Exists';
    return key === taint.key && (operator === 'Exists' || value === taint.value);
  });
}

function selectorMatches({ spec }: Pod, node: Node): boolean {
  const { labels, name } = node.metadata;
  const wanted = Object.entries(stringsAt(spec, 'nodeSelector'));
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const terms = listAt(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  if (terms.length === 0) return true;
  const fields = { 'metadata.name': name };
  return terms.some(
    (term) =>
      listAt(term, 'matchExpressions').every((expression) => matches(expression, labels)) &&
      listAt(term, 'matchFields').every((expression) => matches(expression, fields)),
  );
}

function matches(expression: unknown, values: Readonly<Record<string, string>>): boolean {
  const value = values[stringAt(expression, 'key') ?? ''];
  const listed = listAt(expression, 'values');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && listed.includes(value);
    case 'NotIn':
      return value === undefined || !listed.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false; // Gt and Lt: nobody here needs them, and a pod that waits is better than one in the wrong place
  }
}

function shortage(pod: Pod, node: Node, neighbours: readonly Pod[]): string | null {
  const { allocatable } = node.status;
  if (neighbours.length >= Number(allocatable['pods'] ?? '110')) return 'Too many pods';
  const scarce = ['cpu', 'memory'].find((resource) => {
    const room = parseQuantity(allocatable[resource] ?? '');
    const used = [...neighbours, pod].reduce((sum, each) => sum + requestOf(each, resource), 0n);
    return room !== null && requestOf(pod, resource) > 0n && used > room;
  });
  return scarce === undefined ? null : `Insufficient ${scarce}`;
}

function requestOf({ spec }: Pod, resource: string): bigint {
  return spec.containers.reduce((sum, { resources }) => sum + (parseQuantity(resources.requests[resource] ?? '0') ?? 0n), 0n);
}

function podsOn({ metadata }: Node, placed: readonly Pod[]): readonly Pod[] {
  return placed.filter((pod) => pod.spec.nodeName === metadata.name && !isFinished(pod));
}
