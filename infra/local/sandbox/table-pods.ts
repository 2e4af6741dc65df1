import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { listAt, numberAt, objectAt, stringAt } from './object.ts';
import { ageOf } from './table-age.ts';
import { ageColumn, nameColumn, textColumn, wideColumn, type Column } from './table-column.ts';

export const podColumns: readonly Column[] = [
  nameColumn,
  textColumn('Ready', (pod) => `${containers(pod).filter(isReady).length}/${objectsAt(objectAt(pod, 'spec'), 'containers').length}`),
  textColumn('Status', podStatus),
  textColumn('Restarts', restarts),
  ageColumn,
  wideColumn('IP', (pod) => stringAt(objectAt(pod, 'status'), 'podIP') || '<none>'),
  wideColumn('Node', (pod) => stringAt(objectAt(pod, 'spec'), 'nodeName') || '<none>'),
  wideColumn('Nominated Node', () => '<none>'),
  wideColumn('Readiness Gates', () => '<none>'),
];

function objectsAt(parent: JsonObject, key: string): readonly JsonObject[] {
  return listAt(parent, key).filter(isJsonObject);
}

function containers(pod: KubernetesObject): readonly JsonObject[] {
  return objectsAt(objectAt(pod, 'status'), 'containerStatuses');
}

function isReady(container: JsonObject): boolean {
  return container['ready'] === true && isRunning(container);
}

function isRunning(container: JsonObject): boolean {
  return isJsonObject(objectAt(container, 'state')['running']);
}

/** The word that an operator looks for: CrashLoopBackOff, Completed, OOMKilled, Terminating … */
function podStatus(pod: KubernetesObject): string {
  const status = objectAt(pod, 'status');
  const phase = stringAt(status, 'phase');
  if (pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating';
  const scheduled = conditionOf(status, 'PodScheduled');
  const gated = scheduled !== undefined && stringAt(scheduled, 'reason') === 'SchedulingGated';
  const fallback = gated ? 'SchedulingGated' : stringAt(status, 'reason') || phase;
  return initStatus(pod) ?? containerStatus(pod, fallback);
}

/** Of the first init container that has not succeeded. */
function initStatus(pod: KubernetesObject): string | null {
  const total = listAt(objectAt(pod, 'spec'), 'initContainers').length;
  const statuses = objectsAt(objectAt(pod, 'status'), 'initContainerStatuses');
  const at = statuses.findIndex((container) => numberAt(terminated(container), 'exitCode') !== 0);
  const container = statuses[at];
  if (container === undefined) return null;
  if (isJsonObject(objectAt(container, 'state')['terminated'])) return `Init:${endOf(container)}`;
  const waiting = stringAt(objectAt(objectAt(container, 'state'), 'waiting'), 'reason');
  return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${at}/${total}`;
}

/** The first container counts most; a pod that still runs is running, whatever a sidecar did. */
function containerStatus(pod: KubernetesObject, fallback: string): string {
  const statuses = containers(pod);
  const words = statuses.map(wordOf).filter((word) => word !== '');
  const [reason = fallback] = words;
  if (reason !== 'Completed') return reason;
  if (statuses.some(isReady)) return isTrue(conditionOf(objectAt(pod, 'status'), 'Ready')) ? 'Running' : 'NotReady';
  const failed = statuses.find((container) => isJsonObject(objectAt(container, 'state')['terminated']) && numberAt(terminated(container), 'exitCode') !== 0);
  return failed === undefined ? reason : endOf(failed);
}

function wordOf(container: JsonObject): string {
  const state = objectAt(container, 'state');
  const waiting = stringAt(objectAt(state, 'waiting'), 'reason');
  if (waiting !== '') return waiting;
  return isJsonObject(state['terminated']) ? endOf(container) : '';
}

function endOf(container: JsonObject): string {
  const end = terminated(container);
  const signal = numberAt(end, 'signal') ?? 0;
  return stringAt(end, 'reason') || (signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(end, 'exitCode') ?? 0}`);
}

function terminated(container: JsonObject): JsonObject {
  return objectAt(objectAt(container, 'state'), 'terminated');
}

/** `3 (5m ago)`: how often, and when the last one began. */
function restarts(pod: KubernetesObject, now: Instant): string {
  const statuses = containers(pod);
  const count = statuses.reduce((sum, container) => sum + (numberAt(container, 'restartCount') ?? 0), 0);
  const ends = statuses.map((container) => stringAt(objectAt(objectAt(container, 'lastState'), 'terminated'), 'finishedAt')).filter((end) => end !== '');
  const last = ends.toSorted().at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${ageOf(last, now)} ago)`;
}

function conditionOf(status: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(status, 'conditions').find((condition) => condition['type'] === type);
}

function isTrue(condition: JsonObject | undefined): boolean {
  return condition?.['status'] === 'True';
}
