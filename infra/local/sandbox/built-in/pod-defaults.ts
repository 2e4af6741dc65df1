import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { listAt, objectAt, stringAt } from '../object.ts';
import { filled, mapped, mappedItems } from './filled.ts';
import { canonicalQuantities } from './quantities.ts';

const containerLists = ['initContainers', 'containers'];

/** What a kube-apiserver fills into the pod spec of every kind. */
export function defaultedPodSpec(spec: JsonObject): JsonObject {
  const whole = filled(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  const withVolumes = mappedItems(whole, 'volumes', defaultedVolume);
  return containerLists.reduce((pod, list) => mappedItems(pod, list, defaultedContainer), withServiceAccount(withVolumes));
}

/** What is filled into a pod, and into no template: requests from limits, the ServiceAccount. */
export function defaultedPod(pod: JsonObject): JsonObject {
  const spec = filled(defaultedPodSpec(objectAt(pod, 'spec')), {
    enableServiceLinks: true,
    serviceAccountName: 'default',
    serviceAccount: 'default',
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
  });
  const withRequests = containerLists.reduce((whole, list) => mappedItems(whole, list, requestsFromLimits), spec);
  return { ...pod, spec: withTolerations(withRequests) };
}

/** A pod stays five minutes on a node that is not ready or not reached, unless it says something else of it. */
function withTolerations(spec: JsonObject): JsonObject {
  const tolerations = listAt(spec, 'tolerations');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter((key) => !tolerations.some((each) => speaksOf(each, key)));
  if (missing.length === 0) return spec;
  return { ...spec, tolerations: [...tolerations, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))] };
}

function speaksOf(toleration: JsonValue, taint: string): boolean {
  if (!isJsonObject(toleration)) return false;
  const [key, effect] = [stringAt(toleration, 'key'), stringAt(toleration, 'effect')];
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
}

/** `serviceAccount` is the older name of the same field; the server keeps both. */
function withServiceAccount(spec: JsonObject): JsonObject {
  const name = stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount');
  return name === '' ? spec : { ...spec, serviceAccountName: name, serviceAccount: name };
}

function defaultedContainer(container: JsonObject): JsonObject {
  const whole = filled(container, {
    imagePullPolicy: isLatest(stringAt(container, 'image')) ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  const withPorts = mappedItems(whole, 'ports', (port) => filled(port, { protocol: 'TCP' }));
  const withEnvironment = mappedItems(withPorts, 'env', (variable) =>
    mapped(variable, 'valueFrom', (source) => mapped(source, 'fieldRef', (field) => filled(field, { apiVersion: 'v1' }))),
  );
  const withProbes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce((probed, probe) => mapped(probed, probe, defaultedProbe), withEnvironment);
  return mapped(withProbes, 'resources', (resources) => ['limits', 'requests'].reduce((lists, list) => mapped(lists, list, canonicalQuantities), resources));
}

function isLatest(image: string): boolean {
  const [reference = '', digest] = image.split('@');
  const tag = /:([\w.-]+)$/.exec(reference)?.[1];
  return digest === undefined && (tag === undefined || tag === 'latest');
}

function defaultedProbe(probe: JsonObject): JsonObject {
  const timed = filled(probe, { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 });
  return mapped(timed, 'httpGet', (action) => filled(action, { path: '/', scheme: 'HTTP' }));
}

const fileMode = 420; // 0644
const withModes: Readonly<Record<string, JsonObject>> = {
  secret: { defaultMode: fileMode },
  configMap: { defaultMode: fileMode },
  downwardAPI: { defaultMode: fileMode },
  projected: { defaultMode: fileMode },
};

function defaultedVolume(volume: JsonObject): JsonObject {
  const isBare = Object.keys(volume).every((member) => member === 'name');
  if (isBare) return { ...volume, emptyDir: {} };
  const whole = Object.entries(withModes).reduce((filling, [source, defaults]) => mapped(filling, source, (value) => filled(value, defaults)), volume);
  const withTokens = mapped(whole, 'projected', (projected) =>
    mappedItems(projected, 'sources', (source) => mapped(source, 'serviceAccountToken', (token) => filled(token, { expirationSeconds: 3600 }))),
  );
  return mapped(mapped(withTokens, 'downwardAPI', withFieldVersions), 'projected', (projected) =>
    mappedItems(projected, 'sources', (source) => mapped(source, 'downwardAPI', withFieldVersions)),
  );
}

function withFieldVersions(source: JsonObject): JsonObject {
  return mappedItems(source, 'items', (item) => mapped(item, 'fieldRef', (field) => filled(field, { apiVersion: 'v1' })));
}

function requestsFromLimits(container: JsonObject): JsonObject {
  return mapped(container, 'resources', (resources): JsonObject => {
    const limits: JsonValue | undefined = resources['limits'];
    return limits === undefined ? resources : { ...resources, requests: filled(objectAt(resources, 'requests'), objectAt(resources, 'limits')) };
  });
}
