/** How a strategic merge treats a list: by the key of its items, as a set of scalars, or (undefined) as one value. */
export type ListMerge = { readonly kind: 'byKey'; readonly key: string } | { readonly kind: 'set' };

/** Within a pod's spec, as `patchMergeKey` in Kubernetes' types says. `*` is any of the three lists of containers. */
const podSpecKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  schedulingGates: 'name',
  resourceClaims: 'name',
  '*.env': 'name',
  '*.ports': 'containerPort',
  '*.volumeMounts': 'mountPath',
  '*.volumeDevices': 'devicePath',
};

const containerList = /^(containers|initContainers|ephemeralContainers)\./;

/** Where each kind keeps a pod's spec. */
const podSpecPlaces: Readonly<Record<string, string>> = {
  Pod: 'spec.',
  Deployment: 'spec.template.spec.',
  ReplicaSet: 'spec.template.spec.',
  StatefulSet: 'spec.template.spec.',
  DaemonSet: 'spec.template.spec.',
  Job: 'spec.template.spec.',
  CronJob: 'spec.jobTemplate.spec.template.spec.',
};

const webhookKeys = { webhooks: 'name', 'webhooks.matchConditions': 'name' };

const keysOfKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pod: { 'status.podIPs': 'ip', 'status.hostIPs': 'ip' },
  Service: { 'spec.ports': 'port' },
  ServiceAccount: { secrets: 'name' },
  Node: { 'status.addresses': 'type' },
  MutatingWebhookConfiguration: webhookKeys,
  ValidatingWebhookConfiguration: webhookKeys,
};

/** Objects that a strategic merge replaces as a whole. */
const replacedObjects: Readonly<Record<string, readonly string[]>> = { PodDisruptionBudget: ['spec.selector'] };

/** `place`: the members on the way, without positions: `spec.template.spec.containers.env`. */
export function listMergeOf(kind: string, place: string): ListMerge | undefined {
  if (place === 'metadata.finalizers' || (kind === 'Node' && place === 'spec.podCIDRs')) return { kind: 'set' };
  const key = keyOf(kind, place);
  return key === undefined ? undefined : { kind: 'byKey', key };
}

export function isReplacedWhole(kind: string, place: string): boolean {
  return replacedObjects[kind]?.includes(place) === true;
}

function keyOf(kind: string, place: string): string | undefined {
  if (place === 'metadata.ownerReferences' || place.endsWith('.metadata.ownerReferences')) return 'uid';
  if (place === 'status.conditions') return 'type';
  const podSpec = podSpecPlaces[kind];
  if (podSpec !== undefined && place.startsWith(podSpec)) {
    const within = place.slice(podSpec.length);
    const key = podSpecKeys[within] ?? podSpecKeys[within.replace(containerList, '*.')];
    if (key !== undefined) return key;
  }
  return keysOfKind[kind]?.[place];
}
