import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../shared/api/json.ts';
import { deployment, job, pod } from '../../../../test/conformance/objects.ts';
import { defaultsOfKind } from './defaults.ts';
import { canonicalQuantity } from './quantities.ts';

function defaulted(kind: string, object: JsonObject): JsonObject {
  const defaults = defaultsOfKind[kind];
  if (defaults === undefined) throw new Error(`no defaults of ${kind}`);
  return defaults(object);
}

describe('a quantity', () => {
  it.each<[given: string | number, canonical: string]>([
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['512Mi', '512Mi'],
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1500000', '1500k'],
    ['128974848', '128974848'],
    ['0', '0'],
    [2, '2'],
    ['1e3', '1e3'],
    ['0.1Ki', '102400m'],
    ['much', 'much'],
  ])('%s is given back as %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical);
  });
});

describe('defaults', () => {
  it.each<[kind: string, object: JsonObject]>([
    ['Deployment', deployment('d')],
    ['Pod', pod('p')],
    ['Job', { ...job('j'), metadata: { name: 'j', uid: 'u1' } }],
    [
      'CronJob',
      { metadata: { name: 'c' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a', image: 'a' }] } } } } } },
    ],
    ['StatefulSet', deployment('s')],
    ['DaemonSet', deployment('s')],
    ['Service', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }],
  ])('of a %s are filled in once', (kind, object) => {
    const once = defaulted(kind, object);
    expect(defaulted(kind, once)).toEqual(once);
  });

  it('leave what is given', () => {
    const given = { ...deployment('d', 0), spec: { replicas: 0, strategy: { type: 'Recreate' }, revisionHistoryLimit: 0 } };
    expect(defaulted('Deployment', given)['spec']).toEqual({
      replicas: 0,
      strategy: { type: 'Recreate' },
      revisionHistoryLimit: 0,
      progressDeadlineSeconds: 600,
    });
  });

  it.each<[image: string, policy: string]>([
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['registry.example:5000/app', 'Always'],
    ['app:1.0', 'IfNotPresent'],
    ['registry.example:5000/app:1.0', 'IfNotPresent'],
    ['app@sha256:0000', 'IfNotPresent'],
  ])('pull %s %s', (image, imagePullPolicy) => {
    expect(defaulted('Pod', { spec: { containers: [{ name: 'a', image }] } })).toMatchObject({ spec: { containers: [{ imagePullPolicy }] } });
  });

  it('give a pod requests from its limits, and a template none', () => {
    const containers = [{ name: 'a', image: 'a:1', resources: { limits: { memory: '1024Mi', cpu: '1' }, requests: { cpu: '500m' } } }];
    const resources = { limits: { memory: '1Gi', cpu: '1' }, requests: { cpu: '500m', memory: '1Gi' } };
    expect(defaulted('Pod', { spec: { containers } })).toMatchObject({ spec: { containers: [{ resources }] } });
    expect(defaulted('Deployment', { spec: { template: { spec: { containers } } } })).toMatchObject({
      spec: { template: { spec: { containers: [{ resources: { ...resources, requests: { cpu: '500m' } } }] } } },
    });
  });

  it('make a Job find its pods by its uid', () => {
    const made = defaulted('Job', {
      metadata: { name: 'j', uid: 'u1' },
      spec: { template: { metadata: { labels: { mine: 'x' } }, spec: { containers: [] } } },
    });
    const labels = { mine: 'x', 'batch.kubernetes.io/controller-uid': 'u1', 'controller-uid': 'u1', 'batch.kubernetes.io/job-name': 'j', 'job-name': 'j' };
    expect(made).toMatchObject({
      metadata: { labels },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        suspend: false,
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
        template: { metadata: { labels } },
      },
    });
  });

  it('know volumes and probes', () => {
    const volumes = [
      { name: 'a' },
      { name: 'b', configMap: { name: 'c' } },
      {
        name: 'd',
        projected: { sources: [{ serviceAccountToken: { path: 't' } }, { downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] } }] },
      },
    ];
    const containers = [
      { name: 'a', image: 'a:1', readinessProbe: { httpGet: { port: 80 } }, env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    ];
    const sources = [
      { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
      { downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } }] } },
    ];
    expect(defaulted('Pod', { spec: { volumes, containers } })).toMatchObject({
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', configMap: { defaultMode: 420 } },
          { name: 'd', projected: { defaultMode: 420, sources } },
        ],
        containers: [
          { readinessProbe: { httpGet: { path: '/', scheme: 'HTTP' }, periodSeconds: 10 }, env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }] },
        ],
      },
    });
  });
});
