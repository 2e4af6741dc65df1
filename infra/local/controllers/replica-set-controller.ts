import type { JsonObject } from '../../../shared/api/json.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isAfter } from '../../../shared/api/time.ts';
import { ownKey, ownerKey, type ControlDecision, type Controller, type Moment } from './controller.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { isActive, isAvailable, isReady, podKind, podSchema, restartsOf, type Pod } from './pod.ts';
import { randomName } from './random-name.ts';
import { replicaSetKind, replicaSetSchema, type ReplicaSet } from './replica-set.ts';
import { isControlledBy, keyOf, readObject, readObjects, regarding, selects } from './stored-object.ts';
import { holds, withCondition, type WorkloadCondition } from './workload-condition.ts';
import type { Write } from './write.ts';

export interface Observed {
  readonly replicaSet: ReplicaSet;
  /** Those that it controls. */
  readonly pods: readonly Pod[];
  /** Those that it controls and would not select any more: somebody has taken their labels away, to have them for himself. */
  readonly released: readonly Pod[];
}

const burstMax = 100; // pods made or deleted in one pass; the next pass goes on

/** Keeps as many pods as the ReplicaSet says. */
export const replicaSetController: Controller<Observed> = {
  name: 'replicaset-controller',
  watched: [
    { kind: replicaSetKind, keysOf: ownKey },
    { kind: podKind, keysOf: ownerKey('ReplicaSet') },
  ],

  async observe(client, key) {
    const found = await client.get({ ...replicaSetKind, ...key });
    const replicaSet = found && readObject(replicaSetSchema, found);
    if (replicaSet === null) return null;
    const { items } = await client.list(podKind, { namespace: key.namespace });
    const controlled = readObjects(podSchema, items).filter((pod) => isControlledBy(pod, replicaSet));
    const isSelected = ({ metadata }: Pod): boolean => selects(replicaSet.spec.selector, metadata.labels);
    return { replicaSet, pods: controlled.filter(isSelected), released: controlled.filter((pod) => !isSelected(pod)) };
  },

  decide({ replicaSet, pods, released }, moment): ControlDecision {
    const active = pods.filter(isActive);
    const missing = replicaSet.metadata.deletionTimestamp === undefined ? replicaSet.spec.replicas - active.length : 0;
    const conditions = (replicaSet.status.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
    const writes = [
      ...released.map((pod) => release(pod, replicaSet)),
      ...createPods(replicaSet, missing, moment),
      ...deletePods(replicaSet, active, -missing),
      ...statusWrite(replicaSet, active, conditions, moment),
    ];
    const again = Math.abs(missing) > burstMax ? 0 : secondsUntilAvailable(replicaSet, active, moment);
    return { writes, againAfterSeconds: again };
  },

  refused({ replicaSet, pods }, message, moment) {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message } as const;
    const before = replicaSet.status.conditions ?? [];
    // Each refusal names another pod: a condition that said so anew would be a change, and the change a reason to try at once.
    const conditions = holds(before, failure.type) ? before : withCondition(before, failure, moment.now, 'none');
    const event: Write = {
      kind: 'TellEvent',
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating: ${message}`,
      regarding: regarding(replicaSet),
    };
    return [...statusWrite(replicaSet, pods.filter(isActive), conditions, moment), event];
  },
};

function createPods(replicaSet: ReplicaSet, count: number, { random }: Moment): readonly Write[] {
  return Array.from({ length: Math.max(0, Math.min(count, burstMax)) }).flatMap(() => {
    const generateName = `${replicaSet.metadata.name}-`;
    const object = podOf(replicaSet, { name: randomName(generateName, random), generateName });
    const told: Write = {
      kind: 'TellEvent',
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${object.metadata.name}`,
      regarding: regarding(replicaSet),
    };
    return [{ kind: 'CreateObject', object }, told];
  });
}

function podOf(replicaSet: ReplicaSet, names: { readonly name: string; readonly generateName: string }): KubernetesObject {
  const { metadata, spec } = replicaSet.spec.template;
  return {
    ...podKind,
    metadata: {
      ...names,
      namespace: replicaSet.metadata.namespace,
      labels: metadata.labels,
      ...(Object.keys(metadata.annotations).length > 0 && { annotations: metadata.annotations }),
      ownerReferences: [ownerReferenceTo(replicaSet)],
    },
    spec,
  };
}

function release(pod: Pod, { metadata: { uid } }: ReplicaSet): Write {
  const { resourceVersion, ownerReferences } = pod.metadata;
  const others = ownerReferences.filter((reference) => reference.uid !== uid).map((reference) => ({ ...reference }));
  return { kind: 'PatchObject', key: keyOf(pod), resourceVersion, patch: { metadata: { ownerReferences: others.length > 0 ? others : null } } };
}

function deletePods(replicaSet: ReplicaSet, active: readonly Pod[], count: number): readonly Write[] {
  if (count <= 0) return [];
  return active
    .toSorted(byWorth)
    .slice(0, Math.min(count, burstMax))
    .flatMap((pod): readonly Write[] => [
      { kind: 'DeleteObject', key: keyOf(pod), uid: pod.metadata.uid },
      { kind: 'TellEvent', type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}`, regarding: regarding(replicaSet) },
    ]);
}

/** The pod that is missed least comes first: unplaced, not yet running, not ready, often restarted, young; then by name, so that the choice is repeatable. */
function byWorth(a: Pod, b: Pod): number {
  return (
    Number(a.spec.nodeName !== undefined) - Number(b.spec.nodeName !== undefined) ||
    Number(a.status.phase === 'Running') - Number(b.status.phase === 'Running') ||
    Number(isReady(a)) - Number(isReady(b)) ||
    restartsOf(b) - restartsOf(a) ||
    Number(isAfter(b.metadata.creationTimestamp, a.metadata.creationTimestamp)) - Number(isAfter(a.metadata.creationTimestamp, b.metadata.creationTimestamp)) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

function statusWrite(replicaSet: ReplicaSet, active: readonly Pod[], conditions: readonly WorkloadCondition[], { now }: Moment): readonly Write[] {
  const { minReadySeconds, template } = replicaSet.spec;
  const wantedLabels = Object.entries(template.metadata.labels);
  const count = (is: (pod: Pod) => boolean): number | undefined => active.filter(is).length || undefined; // the API leaves a zero out
  const after = {
    ...replicaSet.status,
    replicas: active.length,
    fullyLabeledReplicas: count(({ metadata }) => wantedLabels.every(([key, value]) => metadata.labels[key] === value)),
    readyReplicas: count(isReady),
    availableReplicas: count((pod) => isAvailable(pod, minReadySeconds, now)),
    observedGeneration: replicaSet.metadata.generation,
    conditions: conditions.length === 0 ? undefined : conditions,
  };
  return patchStatus(replicaSet, after);
}

function patchStatus(replicaSet: ReplicaSet, after: Readonly<Record<string, unknown>>): readonly Write[] {
  const patch = mergePatchBetween(replicaSet.status as JsonObject, after as JsonObject);
  if (patch === null) return [];
  const { resourceVersion } = replicaSet.metadata;
  return [{ kind: 'PatchObject', key: keyOf(replicaSet), resourceVersion, subresource: 'status', patch: { status: patch } }];
}

/** A pod that is ready but not yet for long enough becomes available by time alone. */
function secondsUntilAvailable({ spec: { minReadySeconds } }: ReplicaSet, active: readonly Pod[], { now }: Moment): number | undefined {
  const ripening = active.some((pod) => isReady(pod) && !isAvailable(pod, minReadySeconds, now));
  return ripening ? Math.max(1, minReadySeconds) : undefined;
}
