import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

export const benchNamespace = 'bench';

export const benchNamespaceObject: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: benchNamespace, labels: { environment: 'staging' } },
};

/** A Deployment whose pod was killed for memory once: what the rules need for evidence. */
export function aSickDeployment(name: string): KubernetesObject {
  const labels = { app: name };
  const annotations = { 'sandbox.kubernaut.io/oom-killed': 'true', 'sandbox.kubernaut.io/until-restarts': '1', 'sandbox.kubernaut.io/runs-for-seconds': '0' };
  const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: benchNamespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1', resources }] } },
    },
  };
}

/** One notification with an alert about each of them, as Alertmanager groups them. `nowMilliseconds` makes the firing a new one. */
export function aNotification(names: readonly string[], nowMilliseconds: number): JsonObject {
  const startsAt = new Date(nowMilliseconds).toISOString();
  return {
    version: '4',
    groupKey: '{}:{alertname="PodMemoryHigh"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'bench',
    groupLabels: { alertname: 'PodMemoryHigh' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: '',
    alerts: names.map((name) => anAlert(name, startsAt)),
  };
}

function anAlert(name: string, startsAt: string): JsonObject {
  const labels = { alertname: 'PodMemoryHigh', namespace: benchNamespace, deployment: name, severity: 'warning' };
  return { status: 'firing', labels, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z', generatorURL: '', fingerprint: fingerprintOf(name) };
}

/** 16 hex digits from the name; two names of one bench never share them. */
function fingerprintOf(name: string): string {
  return Buffer.from(name).toString('hex').slice(-16).padStart(16, '0');
}
