import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, objectAt, stringAt } from './object.ts';
import { ageColumn, countColumn, nameColumn, textColumn, wideColumn, type Column } from './table-column.ts';
import { labelText } from './table-workloads.ts';

const specOf = (object: KubernetesObject): JsonObject => objectAt(object, 'spec');
const statusOf = (object: KubernetesObject): JsonObject => objectAt(object, 'status');

export const disruptionBudgetColumns: readonly Column[] = [
  nameColumn,
  textColumn('Min Available', (budget) => intOrString(specOf(budget)['minAvailable'])),
  textColumn('Max Unavailable', (budget) => intOrString(specOf(budget)['maxUnavailable'])),
  countColumn('Allowed Disruptions', (budget) => numberAt(statusOf(budget), 'disruptionsAllowed') ?? 0),
  ageColumn,
];

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  textColumn('Reference', (autoscaler) => kindAndName(objectAt(specOf(autoscaler), 'scaleTargetRef'))),
  textColumn('Targets', autoscalerTargets),
  textColumn('MinPods', (autoscaler) => String(numberAt(specOf(autoscaler), 'minReplicas') ?? '<unset>')),
  textColumn('MaxPods', (autoscaler) => numberAt(specOf(autoscaler), 'maxReplicas') ?? 0),
  textColumn('Replicas', (autoscaler) => numberAt(statusOf(autoscaler), 'currentReplicas') ?? 0),
  ageColumn,
];

export const claimColumns: readonly Column[] = [
  nameColumn,
  textColumn('Status', (claim) => (claim.metadata.deletionTimestamp === undefined ? stringAt(statusOf(claim), 'phase') : 'Terminating')),
  textColumn('Volume', (claim) => stringAt(specOf(claim), 'volumeName')),
  textColumn('Capacity', (claim) => stringAt(objectAt(statusOf(claim), 'capacity'), 'storage')),
  textColumn('Access Modes', accessModes),
  textColumn('StorageClass', (claim) => stringAt(specOf(claim), 'storageClassName')),
  textColumn('VolumeAttributesClass', (claim) => stringAt(specOf(claim), 'volumeAttributesClassName') || '<unset>'),
  ageColumn,
  wideColumn('VolumeMode', (claim) => stringAt(specOf(claim), 'volumeMode') || '<unset>'),
];

export const quotaColumns: readonly Column[] = [
  nameColumn,
  textColumn('Request', (quota) => usedOf(quota, (resource) => !resource.startsWith('limits.'))),
  textColumn('Limit', (quota) => usedOf(quota, (resource) => resource.startsWith('limits.'))),
  ageColumn,
];

export const networkPolicyColumns: readonly Column[] = [
  nameColumn,
  textColumn('Pod-Selector', (policy) => labelText(objectAt(objectAt(specOf(policy), 'podSelector'), 'matchLabels'))),
  ageColumn,
];

export const bindingColumns: readonly Column[] = [
  nameColumn,
  textColumn('Role', (binding) => kindAndName(objectAt(binding, 'roleRef'))),
  ageColumn,
  wideColumn('Users', (binding) => subjectsOf(binding, 'User')),
  wideColumn('Groups', (binding) => subjectsOf(binding, 'Group')),
  wideColumn('ServiceAccounts', (binding) => subjectsOf(binding, 'ServiceAccount')),
];

function kindAndName(reference: JsonObject): string {
  return `${stringAt(reference, 'kind')}/${stringAt(reference, 'name')}`;
}

function intOrString(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'N/A';
}

/** `cpu: 35%/80%` for utilization of a resource, which is what our catalogue looks at; other metrics by their type alone. */
function autoscalerTargets(autoscaler: KubernetesObject): string {
  const current = listAt(statusOf(autoscaler), 'currentMetrics').filter(isJsonObject);
  const targets = listAt(specOf(autoscaler), 'metrics')
    .filter(isJsonObject)
    .map((metric, index) => targetOf(metric, current[index]));
  return targets.join(', ') || '<none>';
}

function targetOf(metric: JsonObject, current: JsonObject | undefined): string {
  const resource = objectAt(metric, 'resource');
  const wanted = numberAt(objectAt(resource, 'target'), 'averageUtilization');
  if (wanted === undefined) return `<unknown>/${stringAt(metric, 'type')}`;
  const actual = current === undefined ? undefined : numberAt(objectAt(objectAt(current, 'resource'), 'current'), 'averageUtilization');
  return `${stringAt(resource, 'name')}: ${actual === undefined ? '<unknown>' : `${actual}%`}/${wanted}%`;
}

const shortModes: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

function accessModes(claim: KubernetesObject): string {
  return listAt(statusOf(claim), 'accessModes')
    .filter((mode) => typeof mode === 'string')
    .map((mode) => shortModes[mode] ?? mode)
    .join(',');
}

function usedOf(quota: KubernetesObject, counts: (resource: string) => boolean): string {
  const { hard, used } = { hard: objectAt(statusOf(quota), 'hard'), used: objectAt(statusOf(quota), 'used') };
  const resources = Object.keys(hard).filter(counts).toSorted();
  return resources.map((resource) => `${resource}: ${stringAt(used, resource) || '0'}/${stringAt(hard, resource)}`).join(', ');
}

function subjectsOf(binding: KubernetesObject, kind: 'User' | 'Group' | 'ServiceAccount'): string {
  const subjects = listAt(binding, 'subjects')
    .filter(isJsonObject)
    .filter((subject) => subject['kind'] === kind);
  return subjects
    .map((subject) => (kind === 'ServiceAccount' ? `${stringAt(subject, 'namespace')}/${stringAt(subject, 'name')}` : stringAt(subject, 'name')))
    .join(', ');
}
