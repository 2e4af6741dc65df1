import { listAll, readOne } from '../../infra/local/story/observe.ts';
import type { Story } from '../../infra/local/story/story.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { listAt, numberAt, stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';

/** What a story leaves in the cluster, without what differs from one telling to the next. */
export interface Aftermath {
  /** One line each, sorted: `Normal RemediationCompleted RemediationRequest: …`. */
  readonly events: readonly string[];
  /** What each object of the story's own world looks like in the end, by kind and name. */
  readonly world: Readonly<Record<string, unknown>>;
  readonly leases: number;
}

export async function aftermathOf(admin: Transport, story: Story): Promise<Aftermath> {
  const events = await listAll(admin, { apiVersion: 'v1', kind: 'Event' });
  const ours = events.filter((event) => stringAt(event, 'reportingComponent')?.startsWith('kubernaut.io/') === true);
  const ends = await Promise.all(story.cluster.map(async (object) => [`${object.kind} ${object.metadata.name}`, await endOf(admin, object)] as const));
  return {
    events: ours.map(eventLine).toSorted(),
    world: Object.fromEntries(ends),
    leases: (await listAll(admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' })).length,
  };
}

/** What differs from one telling to the next: how long it took, the names that a cluster gives to pods, and until when somebody may decide. */
const accidents: readonly (readonly [RegExp, string])[] = [
  [/ in (\d+[hms])+(?=$|;|,)/g, ' in a while'],
  [/\b(pod (?:[a-z]+\/)?[a-z]+)-[a-z0-9]+-[a-z0-9]{5}\b/gi, '$1-…'],
  [/(which crashed) \d+ times?/g, '$1 again and again'],
  [/(replicaset \w+)-[a-z0-9]+/g, '$1-…'],
  [/\bke-([a-z-]+)-[0-9a-f]{8}\b/g, 'ke-$1-…'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'a time'],
];

export function withoutAccidents(text: string): string {
  return accidents.reduce((told, [accident, instead]) => told.replaceAll(accident, instead), text);
}

function eventLine(event: KubernetesObject): string {
  const [type, reason, message] = ['type', 'reason', 'message'].map((field) => stringAt(event, field) ?? '');
  return withoutAccidents(`${type} ${reason} ${stringAt(event, 'involvedObject', 'kind') ?? ''}: ${message}`);
}

async function endOf(admin: Transport, { apiVersion, kind, metadata }: KubernetesObject): Promise<unknown> {
  const { name, namespace } = metadata;
  if (namespace === undefined) return 'as it was';
  const now = await readOne(admin, { apiVersion, kind }, { namespace, name });
  if (now === null) return 'gone';
  return kind === 'Deployment' ? workloadOf(now) : (valueAt(now, 'data') ?? 'as it was');
}

function workloadOf(deployment: KubernetesObject) {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  return {
    wanted: numberAt(deployment, 'spec', 'replicas'),
    ready: numberAt(deployment, 'status', 'readyReplicas') ?? 0,
    limits: containers.map((container) => stringAt(container, 'resources', 'limits', 'memory')),
  };
}
