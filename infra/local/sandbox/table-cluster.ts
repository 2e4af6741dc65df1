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
  wideColumn('Kernel-Version', nodeKernel),
  wideColumn('Container-Runtime', (node) => stringAt(objectAt(statusOf(node), 'nodeInfo'), 'containerRuntimeVersion') || '<unknown>'),
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  textColumn('Data', (object) => Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length),
  ageColumn,
];

export const secretColumns: readonly Column[] = [
  nameColumn,
  textColumn('Type', (object) => stringAt(object, 'type')),
  textColumn('Data', (object) => Object.keys(objectAt(object, 'data')).length),
  ageColumn,
];

export const leaseColumns: readonly Column[] = [nameColumn, textColumn('Holder', (lease) => stringAt(specOf(lease), 'holderIdentity')), ageColumn];

export const eventColumns: readonly Column[] = [
  textColumn('Last Seen', lastSeen),
  textColumn('Type', (event) => stringAt(event, 'type')),
  textColumn('Reason', (event) => stringAt(event, 'reason')),
  textColumn('Object', involvedObject),
  wideColumn('Subobject', (event) => stringAt(objectAt(event, 'involvedObject'), 'fieldPath')),
  wideColumn('Source', eventSource),
  textColumn('Message', (event) => stringAt(event, 'message').trim()),
  wideColumn('First Seen', firstSeen),
  wideColumn('Count', (event) => numberAt(event, 'count') ?? 1),
  { ...nameColumn, priority: 1 },
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

export const webhookColumns: readonly Column[] = [nameColumn, countColumn('Webhooks', (configuration) => listAt(configuration, 'webhooks').length), ageColumn];

/** The real API has no printer for these: name and the time itself. */
export const unprintedColumns: readonly Column[] = [
  nameColumn,
  { ...textColumn('Created At', ({ metadata }) => metadata.creationTimestamp ?? ''), type: 'date' },
];

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

function nodeKernel(node: KubernetesObject): string {
  const nodeInfo = objectAt(statusOf(node), 'nodeInfo');
  const architecture = stringAt(nodeInfo, 'architecture');
  return `${stringAt(nodeInfo, 'kernelVersion') || '<unknown>'}${architecture === '' ? '' : ` (${architecture})`}`;
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

function eventSource(event: KubernetesObject): string {
  const source = objectAt(event, 'source');
  const component = stringAt(source, 'component') || stringAt(event, 'reportingComponent');
  const instance = stringAt(source, 'host') || stringAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
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
