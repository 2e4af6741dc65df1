import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { secondsBetween, type Instant } from '../../../shared/api/time.ts';
import { listAt, numberAt, objectAt, stringAt } from './object.ts';
import { ageOf, humanDuration } from './table-age.ts';
import { ageColumn, countColumn, nameColumn, textColumn, wideColumn, type Column } from './table-column.ts';

const specOf = (object: KubernetesObject): JsonObject => objectAt(object, 'spec');
const statusOf = (object: KubernetesObject): JsonObject => objectAt(object, 'status');
const statusCount = (field: string) => (object: KubernetesObject) => numberAt(statusOf(object), field) ?? 0;
const replicas = (object: KubernetesObject): number => numberAt(specOf(object), 'replicas') ?? 1;
const readyOfWanted = (object: KubernetesObject): string => `${statusCount('readyReplicas')(object)}/${replicas(object)}`;

const containerColumns = (podSpec: (object: KubernetesObject) => JsonObject): readonly Column[] => [
  wideColumn('Containers', (object) => ofContainers(podSpec(object), 'name')),
  wideColumn('Images', (object) => ofContainers(podSpec(object), 'image')),
];
const selectorColumn = wideColumn('Selector', (object) => labelText(objectAt(objectAt(specOf(object), 'selector'), 'matchLabels')));

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  textColumn('Ready', readyOfWanted),
  textColumn('Up-to-date', statusCount('updatedReplicas')),
  textColumn('Available', statusCount('availableReplicas')),
  ageColumn,
  ...containerColumns(podSpecOf),
  selectorColumn,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  countColumn('Desired', replicas),
  countColumn('Current', statusCount('replicas')),
  countColumn('Ready', statusCount('readyReplicas')),
  ageColumn,
  ...containerColumns(podSpecOf),
  selectorColumn,
];

export const statefulSetColumns: readonly Column[] = [nameColumn, textColumn('Ready', readyOfWanted), ageColumn, ...containerColumns(podSpecOf)];

export const daemonSetColumns: readonly Column[] = [
  nameColumn,
  countColumn('Desired', statusCount('desiredNumberScheduled')),
  countColumn('Current', statusCount('currentNumberScheduled')),
  countColumn('Ready', statusCount('numberReady')),
  countColumn('Up-to-date', statusCount('updatedNumberScheduled')),
  countColumn('Available', statusCount('numberAvailable')),
  textColumn('Node Selector', (object) => labelText(objectAt(podSpecOf(object), 'nodeSelector'))),
  ageColumn,
  ...containerColumns(podSpecOf),
  selectorColumn,
];

export const jobColumns: readonly Column[] = [
  nameColumn,
  textColumn('Status', jobStatus),
  textColumn('Completions', (job) => `${statusCount('succeeded')(job)}/${numberAt(specOf(job), 'completions') ?? 1}`),
  textColumn('Duration', jobDuration),
  ageColumn,
  ...containerColumns(podSpecOf),
  selectorColumn,
];

export const cronJobColumns: readonly Column[] = [
  nameColumn,
  textColumn('Schedule', (object) => stringAt(specOf(object), 'schedule')),
  textColumn('Timezone', (object) => stringAt(specOf(object), 'timeZone') || '<none>'),
  { ...textColumn('Suspend', (object) => (specOf(object)['suspend'] === true ? 'True' : 'False')), type: 'boolean' },
  countColumn('Active', (object) => listAt(statusOf(object), 'active').length),
  textColumn('Last Schedule', lastSchedule),
  ageColumn,
  ...containerColumns(jobPodSpecOf),
  wideColumn('Selector', () => '<none>'),
];

function lastSchedule(cronJob: KubernetesObject, now: Instant): string {
  const last = statusOf(cronJob)['lastScheduleTime'];
  return last === undefined ? '<none>' : ageOf(last, now);
}

function jobStatus(job: KubernetesObject): string {
  const ended = ['Complete', 'Failed'].find((type) => hasCondition(job, type));
  if (ended !== undefined) return ended;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const pending = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => hasCondition(job, type));
  return pending ?? 'Running';
}

function hasCondition(object: KubernetesObject, type: string): boolean {
  return listAt(statusOf(object), 'conditions').some((condition) => isJsonObject(condition) && condition['type'] === type && condition['status'] === 'True');
}

function jobDuration(job: KubernetesObject, now: Instant): string {
  const start = stringAt(statusOf(job), 'startTime');
  return start === '' ? '' : humanDuration(secondsBetween(start, stringAt(statusOf(job), 'completionTime') || now));
}

function podSpecOf(object: KubernetesObject): JsonObject {
  return objectAt(objectAt(specOf(object), 'template'), 'spec');
}

function jobPodSpecOf(object: KubernetesObject): JsonObject {
  return objectAt(objectAt(objectAt(objectAt(specOf(object), 'jobTemplate'), 'spec'), 'template'), 'spec');
}

function ofContainers(podSpec: JsonObject, field: 'name' | 'image'): string {
  return listAt(podSpec, 'containers')
    .filter(isJsonObject)
    .map((container) => stringAt(container, field))
    .join(',');
}

/** `a=b,c=d`, sorted; `<none>` for none. */
export function labelText(labels: JsonObject): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`);
  return pairs.length === 0 ? '<none>' : pairs.toSorted().join(',');
}
