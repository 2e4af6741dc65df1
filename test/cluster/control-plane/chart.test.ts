import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readObjects } from '../../../infra/local/stack/install.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aDeployment } from '../../support/actions.ts';
import { chartRelease } from '../../support/chart-release.ts';
import { create, eventually, succeeded, type Answer } from '../../support/control-plane.ts';
import { chartDirectory, render, requiredValues } from '../../support/helm.ts';
import { ownControlPlane } from '../../support/own-control-plane.ts';
import { pairwise, type Row } from '../../support/pairwise.ts';
import { jobsAsBuilt } from '../../support/stolen-jobs.ts';

const [ourNamespace] = readObjects(join(chartDirectory, '../rbac/namespace.yaml'));
const namespaces = '/api/v1/namespaces';
const podsPath = `${namespaces}/kubernaut-system/pods`;
const deploymentIn = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/payment-api`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const label = 'pod-security.kubernetes.io/enforce';
const watcher = (values: object) => ({ ...requiredValues, watcher: { ...requiredValues.watcher, ...values } });

/** Every switch of the values, and what each of its positions says. */
const switches = {
  crds: { installed: {}, left: { crds: { install: false } } },
  functions: {
    'an account': {},
    'an IAM role': { functions: { serviceAccount: { create: false }, users: ['arn:aws:iam::123456789012:role/f'], groups: ['g'] } },
    both: { functions: { groups: ['kubernaut:functions'] } },
  },
  actions: {
    everywhere: {},
    'in a namespace': { actions: { namespaces: ['default'], byName: { restart_pod: { namespaces: [] } } } },
    'but for one': { actions: { byName: { patch_configmap: { enabled: false } } } },
    none: { actions: { enabled: false } },
  },
  executor: { held: {}, free: { executor: { networkPolicy: { enabled: false }, images: ['registry.example.com/kubectl:v1.35.4'] } } },
  policies: { on: {}, more: { policies: { protectedNamespaces: ['vault'] } }, off: { policies: { enabled: false } } },
  people: {
    standard: {},
    most: { people: { operator: { pauseNamespaces: true, aggregateToEdit: true } } },
    least: { people: { aggregateToView: false, operator: { plan: false } } },
    none: { people: { create: false } },
  },
  watcher: { one: {}, three: { watcher: { replicas: 3 } }, none: { watcher: { enabled: false } } },
  'network of the watcher': {
    held: {},
    'for nobody': { watcher: { networkPolicy: { metricsFrom: [] } } },
    free: { watcher: { networkPolicy: { enabled: false } } },
  },
  monitor: { no: {}, yes: { watcher: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } } } },
  extras: {
    no: {},
    yes: {
      watcher: {
        awsRegion: 'eu-central-1',
        sqsEndpoint: 'http://localstack.tools:4566',
        credentialsSecret: 'aws',
        priorityClassName: 'high',
        nodeSelector: { 'kubernetes.io/arch': 'arm64' },
        podLabels: { team: 'sre' },
        podAnnotations: { note: 'x' },
        serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/w' } },
      },
    },
  },
};

function valuesOf(row: Row): object {
  const said = Object.entries(switches).map(([name, positions]) => (positions as Readonly<Record<string, object>>)[row[name] ?? ''] ?? {});
  const ofWatcher = said.map((values) => (values as { readonly watcher?: object }).watcher ?? {});
  return { ...requiredValues, ...Object.assign({}, ...said), watcher: Object.assign({}, requiredValues.watcher, ...ofWatcher) as object };
}

describe('the chart in the hands of a kube-apiserver', () => {
  const controlPlane = ownControlPlane();
  const release = chartRelease(controlPlane);

  beforeAll(async () => {
    if (ourNamespace === undefined) throw new Error('infra/cluster/rbac/namespace.yaml holds no namespace');
    await controlPlane().apply(ourNamespace);
  });

  const rows = pairwise(switches).map(
    (row) =>
      [
        Object.entries(row)
          .map(([name, position]) => `${name}: ${position}`)
          .join(', '),
        row,
      ] as const,
  );

  it.each(rows)('is taken without a warning: %s', async (_sentence, row) => {
    const { objects, stderr } = await render(release.helm(), valuesOf(row));
    expect([stderr, objects.length]).toEqual([expect.not.stringContaining('Error'), expect.any(Number)]);
    expect(objects).not.toEqual([]);
    for (const object of objects) {
      const answer = await controlPlane().rehearse(object);
      expect([object.kind, object.metadata.name, answer]).toMatchObject([object.kind, object.metadata.name, { warnings: [] }]);
      succeeded(answer);
    }
  });

  it('puts nothing into its namespace that the restricted Pod Security Standard refuses, and its pods come', async () => {
    const { admin } = controlPlane();
    await release.install(watcher({ replicas: 2 }));
    const { objects } = await render(release.helm(), watcher({ replicas: 2 }));
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    const templates = [deployment, ...Object.values(jobsAsBuilt)].map((owner) => templateOf(owner));
    const rehearse = (spec: object, labels: object) =>
      admin('POST', `${podsPath}?dryRun=All&fieldValidation=Strict`, { body: { metadata: { generateName: 'p-', labels }, spec } });
    for (const { spec, metadata } of templates) expect(await rehearse(spec, metadata.labels)).toMatchObject({ status: 201, warnings: [] });
    const careless = { serviceAccountName: 'kubernaut-watcher', containers: [{ name: 'c', image: 'registry.example.com/c:1.0' }] };
    expect(await rehearse(careless, {})).toMatchObject({ status: 403, message: expect.stringContaining('violates PodSecurity "restricted') });
    const ofWatcher = `${podsPath}?labelSelector=${encodeURIComponent('app.kubernetes.io/name=kubernaut-watcher')}`;
    await eventually(
      () => admin('GET', ofWatcher),
      ({ body }) => (body['items'] as unknown as readonly unknown[]).length === 2,
    );
  });

  it('says when its namespace lets through what ours never needs', async () => {
    const { admin } = controlPlane();
    const labelled = async (value: string | null) =>
      succeeded(await admin('PATCH', `${namespaces}/kubernaut-system`, { body: { metadata: { labels: { [label]: value } } }, headers: mergePatch }));
    expect(await release.install(requiredValues)).not.toContain('Pod Security');
    await labelled(null);
    try {
      expect(await release.install(requiredValues)).toContain(`kubectl label namespace kubernaut-system ${label}=restricted`);
    } finally {
      await labelled('restricted');
    }
  });

  it('gives an action what its switch and its list say, and nothing where they do not', async () => {
    const { admin } = controlPlane();
    const byName = { restart_pod: { enabled: false }, patch_configmap: { namespaces: [] } };
    await release.install({ ...requiredValues, actions: { namespaces: ['default'], byName } });
    const may = async (account: string, verb: string, [group, resource, subresource = '']: readonly string[], namespace: string) => {
      const spec = { user: `system:serviceaccount:kubernaut-system:${account}`, resourceAttributes: { verb, group, resource, subresource, namespace } };
      const { status } = succeeded(await admin('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } }));
      return (status as { readonly allowed: boolean }).allowed;
    };
    const scale = ['apps', 'deployments', 'scale'];
    expect(await may('scale-deployment-sa', 'patch', scale, 'default')).toBe(true);
    expect(await may('scale-deployment-sa', 'patch', scale, 'kube-public')).toBe(false);
    expect(await may('patch-configmap-sa', 'patch', ['', 'configmaps'], 'kube-public')).toBe(true);
    expect(await may('restart-pod-sa', 'delete', ['', 'pods'], 'default')).toBe(false);
    expect(await admin('GET', `${namespaces}/kubernaut-system/serviceaccounts/restart-pod-sa`)).toMatchObject({ status: 404 });
    await release.install(requiredValues);
    expect(await may('scale-deployment-sa', 'patch', scale, 'kube-public')).toBe(true);
    expect(await may('restart-pod-sa', 'delete', ['', 'pods'], 'default')).toBe(true);
  });

  it('has a ServiceMonitor once the cluster knows that kind, and does without it until then', async () => {
    const { admin } = controlPlane();
    const monitor = '/apis/monitoring.coreos.com/v1/namespaces/kubernaut-system/servicemonitors/kubernaut-watcher';
    const values = watcher({ serviceMonitor: { enabled: true } });
    expect(await release.install(values)).toContain('This cluster knows no ServiceMonitor');
    await create(admin, serviceMonitorDefinition);
    await eventually(
      () => admin('GET', monitor),
      ({ message }) => message.includes('"kubernaut-watcher" not found'),
    );
    expect(await release.install(values)).not.toContain('ServiceMonitor');
    expect(await admin('GET', monitor)).toMatchObject({ status: 200, body: { spec: { endpoints: [{ path: '/metrics', interval: '30s' }] } } });
    await release.install(requiredValues);
    expect(await admin('GET', monitor)).toMatchObject({ status: 404 });
  });

  it('protects the namespace that it is installed in, whatever that is called', async () => {
    const { admin, withToken, tokenOf } = controlPlane();
    await release.install(requiredValues);
    await release.remove();
    await create(admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'operations' } });
    await release.install(requiredValues, { namespace: 'operations' });
    for (const namespace of ['operations', 'kubernaut-system']) {
      const { metadata, ...deployment } = aDeployment();
      await create(admin, { ...deployment, metadata: { name: 'payment-api', namespace, labels: metadata.labels ?? {} } });
    }
    const { spec } = templateOf(jobsAsBuilt['a scaling']);
    const pod = await create(admin, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ke-scale', namespace: 'operations' }, spec });
    const actor = withToken(await tokenOf('scale-deployment-sa', pod));
    const scale = (namespace: string) => actor('PATCH', `${deploymentIn(namespace)}/scale`, { body: { spec: { replicas: 4 } }, headers: mergePatch });
    const isProtected = ({ message }: Answer) => message.includes('this namespace is protected');
    await eventually(() => scale('operations'), isProtected);
    expect(await scale('kubernaut-system')).toMatchObject({ status: 200 });
    await release.remove('operations');
  });
});

interface PodTemplate {
  readonly metadata: { readonly labels: object };
  readonly spec: object;
}

function templateOf(owner: KubernetesObject | undefined): PodTemplate {
  if (owner === undefined) throw new Error('nothing there has a pod template');
  return (owner['spec'] as { readonly template: PodTemplate }).template;
}

/** As much of the Prometheus operator as a chart meets. */
const serviceMonitorDefinition: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'servicemonitors.monitoring.coreos.com' },
  spec: {
    group: 'monitoring.coreos.com',
    scope: 'Namespaced',
    names: { kind: 'ServiceMonitor', plural: 'servicemonitors', singular: 'servicemonitor' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
};
