import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';

/** What the pod of a failed Job tells: how its container ended, or why it never began. */
export interface PodReport {
  readonly exitCode: number | null;
  /** The cluster's own words: image pull, quota, admission, out of memory, eviction. Null: nothing beyond the exit code. */
  readonly cause: string | null;
}

export const noReport: PodReport = { exitCode: null, cause: null };

/** The youngest pod that this very Job made; null when it made none, or none is left. */
export function podOf(job: KubernetesObject, pods: readonly KubernetesObject[]): KubernetesObject | null {
  const ours = pods.filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  return ours.toSorted((a, b) => bornAt(b).localeCompare(bornAt(a)))[0] ?? null;
}

/** A pod that may still send requests. */
export function podIsAlive(pod: KubernetesObject): boolean {
  return !['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');
}

/** Whether the pod says how it ended; if not, Events are worth a look. */
export function podHasEnded(pod: KubernetesObject | null): boolean {
  return pod !== null && stateOf(pod, 'terminated') !== undefined;
}

export function reportOf(job: KubernetesObject, pod: KubernetesObject | null, events: readonly KubernetesObject[]): PodReport {
  const exitCode = pod === null ? null : numberAt(stateOf(pod, 'terminated'), 'exitCode');
  return { exitCode, cause: (pod === null ? null : causeIn(pod)) ?? causeAmong(job, events) };
}

const plainEnds = ['Error', 'Completed'];
const plainStarts = ['ContainerCreating', 'PodInitializing'];

function causeIn(pod: KubernetesObject): string | null {
  const terminated = sentence(stateOf(pod, 'terminated'), plainEnds);
  const waiting = sentence(stateOf(pod, 'waiting'), plainStarts);
  const unscheduled = listAt(pod, 'status', 'conditions').find(
    (condition) => stringAt(condition, 'type') === 'PodScheduled' && stringAt(condition, 'status') === 'False',
  );
  return terminated ?? waiting ?? sentence(valueAt(pod, 'status'), []) ?? sentence(unscheduled, []);
}

// Events of the Job that only repeat its verdict
const verdictEvents = ['DeadlineExceeded', 'BackoffLimitExceeded'];

/** A pod that quota or admission refused was never made, and the Job controller deletes one whose deadline passed: what is left are Events. The first says why. */
function causeAmong(job: KubernetesObject, events: readonly KubernetesObject[]): string | null {
  const warnings = events.filter((event) => stringAt(event, 'type') === 'Warning' && concerns(event, job));
  // Times are whole seconds. Of two in one, the longer says more: "Error: ErrImagePull" comes right after what explains it.
  const inOrder = warnings.toSorted((a, b) => bornAt(a).localeCompare(bornAt(b)) || lengthOf(b) - lengthOf(a));
  return inOrder.map((event) => sentence(event, verdictEvents)).find((cause) => cause !== null) ?? null;
}

function concerns(event: KubernetesObject, { metadata }: KubernetesObject): boolean {
  const name = stringAt(event, 'involvedObject', 'name') ?? '';
  return stringAt(event, 'involvedObject', 'uid') === metadata.uid || name.startsWith(`${metadata.name}-`);
}

function stateOf(pod: KubernetesObject, state: 'waiting' | 'terminated'): unknown {
  return valueAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', state);
}

/** Null for what has no reason, or one that says nothing. */
function sentence(told: unknown, plain: readonly string[]): string | null {
  const reason = stringAt(told, 'reason') ?? '';
  const message = stringAt(told, 'message') ?? '';
  if (reason === '' || plain.includes(reason)) return null;
  return message === '' ? reason : `${reason}: ${message}`;
}

function lengthOf(event: KubernetesObject): number {
  return stringAt(event, 'message')?.length ?? 0;
}

function bornAt({ metadata }: KubernetesObject): string {
  return metadata.creationTimestamp ?? '';
}
