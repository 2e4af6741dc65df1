import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { listAt, numberAt, objectAt, stringAt } from './object.ts';
import { ageOf } from './table-age.ts';
import { ageColumn, countColumn, nameColumn, textColumn, wideColumn, type Column } from './table-column.ts';
import { labelText } from './table-workloads.ts';

const specOf = (object: KubernetesObject): JsonObject => objectAt(object, 'spec');
const statusOf = (object: KubernetesObject): JsonObject => objectAt(object, 'status');

export const namespaceColumns: readonly Column[] = [nameColumn, textColumn('Status', (object) => stringAt(statusOf(object), 'phase')), ageColumn];

export const nodeColumns: readonly Column[] = [
  nameColumn,
  textColumn('Status', nodeStatus),
  textColumn('Roles', nodeRoles),
  ageColumn,
  textColumn('Version', (node) => stringAt(objectAt(statusOf(node), 'nodeInfo'), 'kubeletVersion')),
  wideColumn('Internal-IP', (node) => addressOf(node, 'InternalIP')),
  wideColumn('External-IP', (node) => addressOf(node, 'ExternalIP')),
  wideColumn('OS-Image', (node) => stringAt(objectAt(statusOf(node), 'nodeInfo'), 'osImage') || '<unknown>'),
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  textColumn('Data', (object) => String(Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length)),
  ageColumn,
];

export const secretColumns: readonly Column[] = [
  nameColumn,
  textColumn('Type', (object) => stringAt(object, 'type')),
  textColumn('Data', (object) => String(Object.keys(objectAt(object, 'data')).length)),
  ageColumn,
];

export const leaseColumns: readonly Column[] = [nameColumn, textColumn('Holder', (lease) => stringAt(specOf(lease), 'holderIdentity')), ageColumn];

export const eventColumns: readonly Column[] = [
  textColumn('Last Seen', lastSeen),
  textColumn('Type', (event) => stringAt(event, 'type')),
  textColumn('Reason', (event) => stringAt(event, 'reason')),
  textColumn('Object', involvedObject),
  wideColumn('Subobject', (event) => stringAt(objectAt(event, 'involvedObject'), 'fieldPath')),
  wideColumn('Source', (event) => stringAt(objectAt(event, 'source'), 'component') || stringAt(event, 'reportingComponent')),
  textColumn('Message', (event) => stringAt(event, 'message').trim()),
  wideColumn('First Seen', firstSeen),
  wideColumn('Count', (event) => String(numberAt(event, 'count') ?? 1)),
  { ...nameColumn, priority: 1 },
];

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
  textColumn('MinPods', (autoscaler) => String(numberAt(specOf(autoscaler), 'minReplicas') ?? '<unset>')),
  textColumn('MaxPods', (autoscaler) => numberAt(specOf(autoscaler), 'maxReplicas') ?? 0),
  textColumn('Replicas', (autoscaler) => numberAt(statusOf(autoscaler), 'currentReplicas') ?? 0),
  ageColumn,
];

export const serviceColumns: readonly Column[] = [
  nameColumn,
  textColumn('Type', (service) => stringAt(specOf(service), 'type') || 'ClusterIP'),
  textColumn('Cluster-IP', (service) => stringAt(specOf(service), 'clusterIP') || '<none>'),
  textColumn('External-IP', () => '<none>'),
  textColumn('Port(s)', servicePorts),
  ageColumn,
  wideColumn('Selector', (service) => labelText(objectAt(specOf(service), 'selector'))),
];

export const claimColumns: readonly Column[] = [
  nameColumn,
  textColumn('Status', (claim) => (claim.metadata.deletionTimestamp === undefined ? stringAt(statusOf(claim), 'phase') : 'Terminating')),
  textColumn('Volume', (claim) => stringAt(specOf(claim), 'volumeName')),
  textColumn('Capacity', (claim) => stringAt(objectAt(statusOf(claim), 'capacity'), 'storage')),
  textColumn('StorageClass', (claim) => stringAt(specOf(claim), 'storageClassName')),
  ageColumn,
];

export const bindingColumns: readonly Column[] = [nameColumn, textColumn('Role', (binding) => kindAndName(objectAt(binding, 'roleRef'))), ageColumn];

export const definitionColumns: readonly Column[] = [nameColumn, textColumn('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')];

function nodeStatus(node: KubernetesObject): string {
  const ready = listAt(statusOf(node), 'conditions')
    .filter(isJsonObject)
    .find((condition) => condition['type'] === 'Ready');
  const health = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return specOf(node)['unschedulable'] === true ? `${health},SchedulingDisabled` : health;
}

const rolePrefix = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: KubernetesObject): string {
  const roles = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(rolePrefix));
  return (
    roles
      .map((label) => label.slice(rolePrefix.length))
      .toSorted()
      .join(',') || '<none>'
  );
}

function addressOf(node: KubernetesObject, type: string): string {
  const address = listAt(statusOf(node), 'addresses')
    .filter(isJsonObject)
    .find((candidate) => candidate['type'] === type);
  return address === undefined ? '<none>' : stringAt(address, 'address');
}

function involvedObject(event: KubernetesObject): string {
  const involved = objectAt(event, 'involvedObject');
  const name = stringAt(involved, 'name');
  const kind = stringAt(involved, 'kind').toLowerCase();
  return name === '' ? kind : `${kind}/${name}`;
}

function firstSeen(event: KubernetesObject, now: Instant): string {
  return ageOf(event['firstTimestamp'] ?? event['eventTime'] ?? undefined, now);
}

function lastSeen(event: KubernetesObject, now: Instant): string {
  const observed = objectAt(event, 'series')['lastObservedTime'] ?? event['lastTimestamp'];
  return typeof observed === 'string' ? ageOf(observed, now) : firstSeen(event, now);
}

function servicePorts(service: KubernetesObject): string {
  const ports = listAt(specOf(service), 'ports')
    .filter(isJsonObject)
    .map((port) => `${numberAt(port, 'port') ?? 0}/${stringAt(port, 'protocol') || 'TCP'}`);
  return ports.join(',') || '<none>';
}

function kindAndName(reference: JsonObject): string {
  return `${stringAt(reference, 'kind')}/${stringAt(reference, 'name')}`;
}

function intOrString(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'N/A';
}
