import type { JsonObject } from '../../shared/api/json.ts';

/** A Deployment that any API server takes. */
export function deployment(name: string, replicas = 2): JsonObject {
  const labels = { app: name };
  const containers = [
    { name: 'app', image: 'registry.example/app:1.0.0', env: [{ name: 'MODE', value: 'fast' }] },
    { name: 'sidecar', image: 'registry.example/sidecar:1.0.0' },
  ];
  return { metadata: { name, labels }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } } };
}

export function job(name: string, more: JsonObject = {}): JsonObject {
  return { metadata: { name }, spec: { suspend: true, backoffLimit: 0, template: { spec: podSpec({ restartPolicy: 'Never' }) }, ...more } };
}

export function pod(name: string, metadata: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return { metadata: { name, ...metadata }, spec: podSpec(spec) };
}

function podSpec(more: JsonObject): JsonObject {
  return { containers: [{ name: 'app', image: 'registry.example/app:1.0.0' }], automountServiceAccountToken: false, ...more };
}

export function configMap(name: string, data: Readonly<Record<string, string>> = {}, metadata: JsonObject = {}): JsonObject {
  return { metadata: { name, ...metadata }, data };
}

const widgetSchema: JsonObject = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'grey' } } },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};

const version: JsonObject = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: widgetSchema }, subresources: { status: {} } };

/** A custom resource with a status of its own. */
export const widgetDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.conformance.example' },
  spec: {
    group: 'conformance.example',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: [version],
  },
};

export const widgetGroup = 'conformance.example/v1';

export function widget(name: string, more: JsonObject = {}): JsonObject {
  return { apiVersion: widgetGroup, kind: 'Widget', metadata: { name }, ...more };
}

/** An owner reference to an object that was answered. */
export function ownedBy(owner: JsonObject, more: JsonObject = {}): JsonObject {
  const metadata = owner['metadata'] as JsonObject;
  return { apiVersion: owner['apiVersion'], kind: owner['kind'], name: metadata['name'], uid: metadata['uid'], ...more };
}
