import type { KubernetesObject } from '../api/object-ref.ts';
import type { ObjectKey } from '../kubernetes/ports.ts';
import { listAt, numberAt, stringAt, valueAt, type UnknownMap } from '../kubernetes/unstructured.ts';

/** What has a pod template that can be rolled out, as kubectl's arguments name it. */
export const WorkloadKind = ['deployment', 'statefulset', 'daemonset'] as const;
export type WorkloadKind = (typeof WorkloadKind)[number];

const kinds: Readonly<Record<WorkloadKind, string>> = { deployment: 'Deployment', statefulset: 'StatefulSet', daemonset: 'DaemonSet' };

export interface WorkloadName {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

export function workloadKey({ kind, namespace, name }: WorkloadName): ObjectKey {
  return { apiVersion: 'apps/v1', kind: kinds[kind], namespace, name };
}

/** `Deployment` or `deployment` → `deployment`; anything else unchanged, for the schema to refuse. */
export function workloadKindOf(text: string): string {
  return WorkloadKind.find((kind) => kind === text.toLowerCase()) ?? text;
}

/** How many pods its controller is asked for. The API's default of spec.replicas is 1. */
export function wantedPods(workload: KubernetesObject): number {
  return workload.kind === 'DaemonSet' ? (numberAt(workload, 'status', 'desiredNumberScheduled') ?? 0) : (numberAt(workload, 'spec', 'replicas') ?? 1);
}

export function readyPods(workload: KubernetesObject): number {
  return numberAt(workload, 'status', workload.kind === 'DaemonSet' ? 'numberReady' : 'readyReplicas') ?? 0;
}

/** The controller has not looked at the last change yet, so its status speaks of an older spec. */
export function statusIsStale(workload: KubernetesObject): boolean {
  const observed = numberAt(workload, 'status', 'observedGeneration');
  return observed !== null && observed < (workload.metadata.generation ?? 0);
}

/** As sent by the API: `spec.template.spec.containers`. */
export function containersOf(workload: KubernetesObject): readonly UnknownMap[] {
  return listAt(workload, 'spec', 'template', 'spec', 'containers').filter((container): container is UnknownMap => stringAt(container, 'name') !== null);
}

export function containerNamed(workload: KubernetesObject, name: string): UnknownMap | null {
  return containersOf(workload).find((container) => container['name'] === name) ?? null;
}

/** `deployment payment-api`: how a sentence names it. */
export function described({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()} ${metadata.name}`;
}

/** Identity without anything that changes by itself: what `remember` begins with. */
export function identityOf({ apiVersion, kind, metadata: { name, namespace, uid } }: KubernetesObject): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) } };
}

/** Gone, or another object under the same name: what an outcome check can no longer find. Null: it is there. */
export function lostTarget(before: KubernetesObject, now: KubernetesObject | null): string | null {
  if (now === null) return `${described(before)} is gone`;
  const replaced = before.metadata.uid !== undefined && now.metadata.uid !== before.metadata.uid;
  return replaced ? `${described(before)} was replaced: its uid is ${now.metadata.uid ?? 'unknown'}, expected ${before.metadata.uid ?? ''}` : null;
}

/** The pods' labels, by which budgets select. */
export function podLabels(workload: KubernetesObject): unknown {
  return workload.kind === 'Pod' ? workload.metadata.labels : valueAt(workload, 'spec', 'template', 'metadata', 'labels');
}
