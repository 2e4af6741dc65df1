import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { strategicMerge } from './strategic-merge.ts';

function deployment(podSpec: JsonObject): JsonObject {
  return { spec: { template: { spec: podSpec } } };
}

const app = { name: 'app', image: 'app:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80, name: 'http' }] };
const sidecar = { name: 'sidecar', image: 'sidecar:1' };
const podSpec = { containers: [app, sidecar], tolerations: [{ key: 'a' }], volumes: [{ name: 'v', emptyDir: {} }] };

describe('a strategic merge of a pod template', () => {
  it.each<[sentence: string, patch: JsonObject, after: JsonObject]>([
    ['changes one container by its name', { containers: [{ name: 'app', image: 'app:2' }] }, { ...podSpec, containers: [{ ...app, image: 'app:2' }, sidecar] }],
    ['puts a new container first', { containers: [{ name: 'new', image: 'n' }] }, { ...podSpec, containers: [{ name: 'new', image: 'n' }, app, sidecar] }],
    [
      'keeps others in front of what they stood in front of',
      {
        containers: [
          { name: 'sidecar', image: 's:2' },
          { name: 'new', image: 'n' },
        ],
      },
      { ...podSpec, containers: [app, { ...sidecar, image: 's:2' }, { name: 'new', image: 'n' }] },
    ],
    ['deletes a container', { containers: [{ name: 'app', $patch: 'delete' }] }, { ...podSpec, containers: [sidecar] }],
    ['replaces the list', { containers: [{ $patch: 'replace' }, { name: 'only', image: 'o' }] }, { ...podSpec, containers: [{ name: 'only', image: 'o' }] }],
    [
      'merges env by name within a container',
      {
        containers: [
          {
            name: 'app',
            env: [
              { name: 'A', value: '2' },
              { name: 'B', value: '3' },
            ],
          },
        ],
      },
      {
        ...podSpec,
        containers: [
          {
            ...app,
            env: [
              { name: 'A', value: '2' },
              { name: 'B', value: '3' },
            ],
          },
          sidecar,
        ],
      },
    ],
    [
      'merges ports by containerPort',
      { containers: [{ name: 'app', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
      { ...podSpec, containers: [{ ...app, ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }] }, sidecar] },
    ],
    ['takes tolerations as one value', { tolerations: [{ key: 'b' }] }, { ...podSpec, tolerations: [{ key: 'b' }] }],
    ['removes by null', { tolerations: null }, { containers: [app, sidecar], volumes: podSpec.volumes }],
    [
      'keeps only what $retainKeys names',
      { volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] },
      { ...podSpec, volumes: [{ name: 'v', configMap: { name: 'c' } }] },
    ],
    [
      'orders by $setElementOrder',
      { '$setElementOrder/containers': [{ name: 'sidecar' }, { name: 'app' }], containers: [{ name: 'app', image: 'app:2' }] },
      { ...podSpec, containers: [sidecar, { ...app, image: 'app:2' }] },
    ],
    ['orders without another change', { '$setElementOrder/containers': [{ name: 'sidecar' }, { name: 'app' }] }, { ...podSpec, containers: [sidecar, app] }],
    ['replaces an object', { securityContext: { $patch: 'replace', runAsUser: 1, fsGroup: null } }, { ...podSpec, securityContext: { runAsUser: 1 } }],
  ])('%s', (_sentence, patch, after) => {
    expect(strategicMerge('Deployment', deployment(podSpec), deployment(patch))).toEqual(deployment(after));
  });

  it('knows the pod spec of each kind', () => {
    const change = { containers: [{ name: 'app', image: 'app:2' }] };
    const changed = { ...podSpec, containers: [{ ...app, image: 'app:2' }, sidecar] };
    expect(strategicMerge('Pod', { spec: podSpec }, { spec: change })).toEqual({ spec: changed });
    const cronJob = (inner: JsonObject): JsonObject => ({ spec: { jobTemplate: deployment(inner) } });
    expect(strategicMerge('CronJob', cronJob(podSpec), cronJob(change))).toEqual(cronJob(changed));
    expect(strategicMerge('ConfigMap', { spec: podSpec }, { spec: change })).toEqual({ spec: { ...podSpec, ...change } });
  });

  it('refuses an item without its key, and an unknown directive', () => {
    expect(() => strategicMerge('Deployment', deployment(podSpec), deployment({ containers: [{ image: 'x' }] }))).toThrow('merge key: name');
    expect(() => strategicMerge('Deployment', {}, { spec: { $patch: 'remove' } })).toThrow('use delete, replace or merge');
  });
});

describe('a strategic merge elsewhere', () => {
  it.each<[sentence: string, kind: string, before: JsonObject, patch: JsonObject, after: JsonValue]>([
    [
      'merges conditions by type',
      'Node',
      {
        status: {
          conditions: [
            { type: 'Ready', status: 'True' },
            { type: 'Disk', status: 'False' },
          ],
        },
      },
      { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      {
        status: {
          conditions: [
            { type: 'Ready', status: 'False' },
            { type: 'Disk', status: 'False' },
          ],
        },
      },
    ],
    [
      'adds to finalizers',
      'Job',
      { metadata: { finalizers: ['a/x'] } },
      { metadata: { finalizers: ['a/x', 'b/y'] } },
      { metadata: { finalizers: ['a/x', 'b/y'] } },
    ],
    [
      'deletes from finalizers',
      'Job',
      { metadata: { finalizers: ['a/x', 'b/y'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] } },
      { metadata: { finalizers: ['b/y'] } },
    ],
    [
      'merges owners by uid',
      'Pod',
      { metadata: { ownerReferences: [{ uid: '1', name: 'a' }] } },
      {
        metadata: {
          ownerReferences: [
            { uid: '1', controller: true },
            { uid: '2', name: 'b' },
          ],
        },
      },
      {
        metadata: {
          ownerReferences: [
            { uid: '1', name: 'a', controller: true },
            { uid: '2', name: 'b' },
          ],
        },
      },
    ],
    [
      'releases an owner',
      'Pod',
      { metadata: { ownerReferences: [{ uid: '1' }] } },
      { metadata: { ownerReferences: [{ uid: '1', $patch: 'delete' }] } },
      { metadata: { ownerReferences: [] } },
    ],
    ['takes taints as one value', 'Node', { spec: { taints: [{ key: 'a' }] } }, { spec: { taints: [{ key: 'b' }] } }, { spec: { taints: [{ key: 'b' }] } }],
    [
      'merges ports of a Service by port',
      'Service',
      { spec: { ports: [{ port: 80, name: 'a' }] } },
      { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
      { spec: { ports: [{ port: 80, name: 'a', targetPort: 8080 }] } },
    ],
    [
      "replaces a budget's selector",
      'PodDisruptionBudget',
      { spec: { selector: { matchLabels: { a: '1' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
    ],
    ['drops nulls of what is new', 'Deployment', {}, { metadata: { annotations: { a: null, b: '1' } } }, { metadata: { annotations: { b: '1' } } }],
  ])('%s', (...[, kind, before, patch, after]) => {
    expect(strategicMerge(kind, before, patch)).toEqual(after);
  });
});
