import type { JsonObject } from '../../../shared/api/json.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import type { ControlDecision, Controller, Moment } from '../controllers/controller.ts';
import { isFinished, podKind, podSchema, type Pod } from '../controllers/pod.ts';
import { keyOf, readObjects, regarding } from '../controllers/stored-object.ts';
import { withCondition } from '../controllers/workload-condition.ts';
import type { Write } from '../controllers/write.ts';
import { nodeKind, nodeSchema, type Node } from './node-object.ts';
import { placePod } from './placement.ts';

export interface Observed {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
}

const everything = { namespace: '', name: 'all' }; // one pass looks at all pods, since each placement takes room from the next

/** Plays the scheduler: gives pods a node, where there is one with room. */
export const scheduler: Controller<Observed> = {
  name: 'default-scheduler',
  watched: [
    { kind: podKind, keysOf: () => [everything] },
    { kind: nodeKind, keysOf: () => [everything] },
  ],

  async observe(client) {
    const nodes = readObjects(nodeSchema, (await client.list(nodeKind, {})).items);
    const pods = readObjects(podSchema, (await client.list(podKind, {})).items);
    return { nodes, pods };
  },

  decide({ nodes, pods }, moment): ControlDecision {
    const waiting = pods.filter(isUnplaced).toSorted(byAge);
    const due = waiting.filter((pod) => waitSeconds(pod, moment) <= 0);
    const later = waiting.filter((pod) => !due.includes(pod));
    const placed = pods.filter(({ spec }) => spec.nodeName !== undefined);
    const writes: Write[] = [];
    for (const pod of due) {
      const placement = placePod(pod, nodes, placed);
      if (placement.kind === 'nowhere') {
        writes.push(...unschedulable(pod, placement.message, moment));
      } else {
        writes.push(...bind(pod, placement.name));
        placed.push({ ...pod, spec: { ...pod.spec, nodeName: placement.name } });
      }
    }
    return { writes, ...(later.length > 0 && { againAfterSeconds: Math.min(...later.map((pod) => waitSeconds(pod, moment))) }) };
  },
};

function isUnplaced(pod: Pod): boolean {
  const isOurs = pod.spec.schedulerName === undefined || pod.spec.schedulerName === 'default-scheduler';
  return isOurs && pod.spec.nodeName === undefined && !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

function byAge(a: Pod, b: Pod): number {
  return millisecondsOf(a.metadata.creationTimestamp) - millisecondsOf(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

const waitMilliseconds = 500; // a scheduler takes its time; the same for all, so that pods made one after another start in that order

function waitSeconds({ metadata }: Pod, { milliseconds }: Moment): number {
  return Math.max(0, millisecondsOf(metadata.creationTimestamp) + waitMilliseconds - milliseconds) / 1_000;
}

function bind(pod: Pod, nodeName: string): readonly Write[] {
  const { name, namespace, uid } = pod.metadata;
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
  return [
    { kind: 'BindPod', pod: { name, namespace, uid }, nodeName },
    { kind: 'TellEvent', type: 'Normal', reason: 'Scheduled', message, regarding: regarding(pod) },
  ];
}

function unschedulable(pod: Pod, message: string, { now }: Moment): readonly Write[] {
  const conditions = withCondition(pod.status.conditions, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }, now, 'none');
  if (conditions === pod.status.conditions) return [];
  const status: JsonObject = { conditions: conditions.map((condition) => ({ ...condition })) as unknown as JsonObject[] };
  return [
    { kind: 'PatchObject', key: keyOf(pod), resourceVersion: pod.metadata.resourceVersion, subresource: 'status', patch: { status } },
    { kind: 'TellEvent', type: 'Warning', reason: 'FailedScheduling', message, regarding: regarding(pod) },
  ];
}
