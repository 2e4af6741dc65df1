import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { webhookConfigurations } from '../../../infra/cluster/webhook-configurations.ts';
import { readObjects } from '../../../infra/local/stack/install.ts';
import { parseWatcherEnvironment } from '../../../infra/watcher/environment.ts';
import type { FoundProgram } from '../../../infra/local/control-plane/find-programs.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { PolicyRule } from '../../../shared/kubernetes/ports.ts';
import { actions, serviceAccountOf } from '../../../shared/actions/index.ts';
import { judge, uncompilable } from '../../support/admission-policies.ts';
import { chartDirectory, render, requiredValues, runHelm, theHelm, type RenderOptions } from '../../support/helm.ts';
import { policyOf } from '../../support/rendered-policies.ts';
import { aStolenJob } from '../../support/stolen-jobs.ts';

let helm: FoundProgram;
const cluster = join(import.meta.dirname, '../../../infra/cluster');

const watcher = (values: object) => ({ watcher: { ...requiredValues.watcher, ...values } });

/** Objects with these values beside the required ones. Fails with helm's own words. */
async function objectsWith(values: object = {}, options: RenderOptions = {}): Promise<readonly KubernetesObject[]> {
  const { code, objects, stderr } = await render(helm, { ...requiredValues, ...values }, options);
  if (code !== 0) throw new Error(stderr);
  return objects;
}

const idOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;
const idsOf = (objects: readonly KubernetesObject[]) => objects.map(idOf).toSorted();

function found(objects: readonly KubernetesObject[], id: string): KubernetesObject {
  const object = objects.find((candidate) => idOf(candidate) === id);
  if (object === undefined) throw new Error(`no ${id} among ${idsOf(objects).join(', ')}`);
  return object;
}

function wordsOf({ apiGroups, resources, resourceNames = [], verbs }: PolicyRule): string {
  return JSON.stringify([apiGroups, resources, resourceNames, verbs]);
}

/** Without what tells how it was installed, and with rules in one order. */
function essence({ metadata, ...object }: KubernetesObject): object {
  const { labels: _labels, annotations: _annotations, ...identity } = metadata;
  const rules = object['rules'] as readonly PolicyRule[] | undefined;
  return {
    ...object,
    metadata: identity,
    ...(rules !== undefined && { rules: rules.map(wordsOf).toSorted() }),
  };
}

const installedByKubectl = ['crds', 'rbac', 'policies']
  .flatMap((folder) => readdirSync(join(cluster, folder)).map((name) => join(cluster, folder, name)))
  .flatMap(readObjects)
  .filter(({ kind }) => kind !== 'Namespace');

interface Variable {
  readonly name: string;
  readonly value: string;
}

const ownKinds = ['Deployment watcher', 'NetworkPolicy watcher', 'NetworkPolicy executor'].map((name) => name.replace(' ', ' kubernaut-'));

describe('the chart in helm', () => {
  let standard: readonly KubernetesObject[] = [];

  beforeAll(async () => {
    helm = await theHelm();
    standard = await objectsWith();
  });

  it('passes helm lint, and packs', async () => {
    expect(await runHelm(helm, ['lint', chartDirectory, '--strict'], requiredValues)).toMatchObject({ code: 0 });
    const directory = await mkdtemp(join(tmpdir(), 'kubernaut-chart-'));
    try {
      execFileSync(helm.path, ['package', chartDirectory, '-d', directory]);
      expect(await readdir(directory)).toEqual([expect.stringMatching(/^kubernaut-\d+\.\d+\.\d+\.tgz$/)]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('installs what kubectl apply of infra/cluster installs, and the watcher', () => {
    const copies = standard.filter((object) => !ownKinds.includes(idOf(object)));
    expect(idsOf(copies)).toEqual(idsOf(installedByKubectl));
    for (const object of installedByKubectl) expect(essence(found(copies, idOf(object)))).toEqual(essence(object));
    expect(idsOf(standard.filter((object) => ownKinds.includes(idOf(object))))).toEqual(ownKinds.toSorted());
  });

  it('keeps the definitions when it is removed', () => {
    const definitions = standard.filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(definitions.map(({ metadata }) => metadata.annotations)).toEqual(Array(5).fill({ 'helm.sh/resource-policy': 'keep' }));
  });

  it('runs the watcher as the restricted Pod Security Standard asks', () => {
    expect(found(standard, 'Deployment kubernaut-watcher')['spec']).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          serviceAccountName: 'kubernaut-watcher',
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              image: 'registry.example.com/kubernaut-watcher:0.1.0',
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
            },
          ],
        },
      },
    });
  });

  it.each<[sentence: string, values: object, gone: readonly string[], come: readonly string[]]>([
    ['no definitions', { crds: { install: false } }, installedByKubectl.filter(({ kind }) => kind === 'CustomResourceDefinition').map(idOf), []],
    ['no policies', { policies: { enabled: false } }, installedByKubectl.filter(({ kind }) => kind.startsWith('ValidatingAdmission')).map(idOf), []],
    ['no roles for people', { people: { create: false } }, ['ClusterRole kubernaut-operator', 'ClusterRole kubernaut-viewer'], []],
    ['no network policy of executors', { executor: { networkPolicy: { enabled: false } } }, ['NetworkPolicy kubernaut-executor'], []],
    ['no network policy of the watcher', watcher({ networkPolicy: { enabled: false } }), ['NetworkPolicy kubernaut-watcher'], []],
    [
      'no watcher, which then needs neither queue nor image',
      { queueUrlPrefix: '', watcher: { enabled: false } },
      ['Deployment', 'NetworkPolicy', 'Role', 'RoleBinding', 'ServiceAccount'].map((kind) => `${kind} kubernaut-watcher`),
      [],
    ],
    ['two watchers', watcher({ replicas: 2 }), [], ['PodDisruptionBudget kubernaut-watcher']],
    ['a ServiceMonitor, where nobody knows that kind', watcher({ serviceMonitor: { enabled: true } }), [], ['Service kubernaut-watcher']],
    [
      'one action switched off',
      { actions: { byName: { restart_pod: { enabled: false } } } },
      ['ServiceAccount restart-pod-sa', 'ClusterRole kubernaut-action-restart-pod', 'ClusterRoleBinding kubernaut-action-restart-pod'],
      [],
    ],
    [
      'one action held to a namespace',
      { actions: { byName: { scale_deployment: { namespaces: ['production'] } } } },
      ['ClusterRoleBinding kubernaut-action-scale-deployment'],
      ['RoleBinding kubernaut-action-scale-deployment'],
    ],
    ['the functions by IAM', { functions: { serviceAccount: { create: false }, groups: ['kubernaut:functions'] } }, ['ServiceAccount kubernaut-functions'], []],
  ])('with %s', async (_sentence, values, gone, come) => {
    const objects = await objectsWith(values);
    expect(idsOf(objects)).toEqual([...idsOf(standard).filter((id) => !gone.includes(id)), ...come].toSorted());
  });

  const mayRehearse = { resources: ['serviceaccounts'], verbs: ['impersonate'] };
  const mayPause = { resources: ['namespaces'], verbs: ['patch'] };

  it.each<[sentence: string, values: object, has: readonly object[], lacks: readonly object[]]>([
    ['by itself', {}, [mayRehearse], [mayPause]],
    ['that pauses namespaces', { people: { operator: { pauseNamespaces: true } } }, [mayRehearse, mayPause], []],
    ['that rehearses no plan', { people: { operator: { plan: false } } }, [], [mayRehearse, mayPause]],
    ['whom no policy would hold to dry runs', { policies: { enabled: false } }, [], [mayRehearse, mayPause]],
    ['where no action is switched on', { actions: { enabled: false } }, [], [mayRehearse, mayPause]],
  ])('has a role of an operator %s', async (_sentence, values, has, lacks) => {
    const rules = found(await objectsWith(values), 'ClusterRole kubernaut-operator')['rules'];
    for (const rule of has) expect(rules).toContainEqual(expect.objectContaining(rule));
    for (const rule of lacks) expect(rules).not.toContainEqual(expect.objectContaining(rule));
  });

  it('lends its roles for people to those of the cluster as the values say', async () => {
    const aggregated = async (people: object) => {
      const objects = await objectsWith({ people });
      return ['kubernaut-viewer', 'kubernaut-operator'].map((name) =>
        Object.keys(found(objects, `ClusterRole ${name}`).metadata.labels ?? {}).filter((label) => label.includes('aggregate-to-')),
      );
    };
    const label = (role: string) => [`rbac.authorization.k8s.io/aggregate-to-${role}`];
    expect(await aggregated({})).toEqual([label('view'), []]);
    expect(await aggregated({ aggregateToView: false, operator: { aggregateToEdit: true } })).toEqual([[], label('edit')]);
  });

  it('has a ServiceMonitor where the cluster knows that kind', async () => {
    const argv = ['--api-versions', 'monitoring.coreos.com/v1/ServiceMonitor'];
    const objects = await objectsWith(watcher({ serviceMonitor: { enabled: true } }), { argv });
    expect(idsOf(objects)).toEqual([...idsOf(standard), 'Service kubernaut-watcher', 'ServiceMonitor kubernaut-watcher'].toSorted());
  });

  it('lets nobody be impersonated when no action is switched on', async () => {
    const objects = await objectsWith({ actions: { enabled: false } });
    expect(idsOf(objects).filter((id) => id.includes('-action-') || id.endsWith('-sa'))).toEqual(
      idsOf(standard).filter((id) => /kubernaut-action-(origin|reach)/.test(id)),
    );
    expect(JSON.stringify(found(objects, 'Role kubernaut-functions'))).not.toContain('impersonate');
  });

  it('lets only those be impersonated that are switched on', async () => {
    const objects = await objectsWith({ actions: { enabled: false, byName: { restart_pod: { enabled: true } } } });
    const rules = found(objects, 'Role kubernaut-functions')['rules'] as readonly PolicyRule[];
    expect(rules.filter(({ verbs }) => verbs.includes('impersonate')).map(({ resourceNames }) => resourceNames)).toEqual([['restart-pod-sa']]);
  });

  it('holds actions to namespaces, and leaves out those that no namespace can hold', async () => {
    const objects = await objectsWith({ actions: { namespaces: ['production', 'staging'], byName: { restart_pod: { namespaces: [] } } } });
    const held = actions.filter(({ name, scope }) => scope === 'namespaced' && name !== 'restart_pod');
    const bindings = objects.filter(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name.startsWith('kubernaut-action-'));
    expect(bindings.map(({ metadata }) => String(metadata.namespace)).toSorted()).toEqual(held.flatMap(() => ['production', 'staging']).toSorted());
    expect(idsOf(objects).filter((id) => id.startsWith('ClusterRoleBinding kubernaut-action-'))).toEqual(['ClusterRoleBinding kubernaut-action-restart-pod']);
    expect(idsOf(objects).filter((id) => id.endsWith('-sa'))).toEqual(
      [...held.map(({ name }) => name), 'restart_pod'].map((name) => `ServiceAccount ${serviceAccountOf(name)}`).toSorted(),
    );
  });

  it('stays in its namespace, whatever that is called', async () => {
    const objects = await objectsWith({}, { namespace: 'operations' });
    expect(JSON.stringify(objects)).not.toContain('kubernaut-system');
    expect(new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))).toEqual(new Set(['operations']));
  });

  it('gives the watcher what it is told', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const objects = await objectsWith(
      watcher({
        image: { repository: 'r.example.com/w', digest, pullSecrets: ['pull'] },
        awsRegion: 'eu-central-1',
        sqsEndpoint: 'http://localstack.tools:4566',
        credentialsSecret: 'aws',
        serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/w' } },
        podLabels: { team: 'sre' },
        podAnnotations: { note: 'x' },
        nodeSelector: { 'kubernetes.io/arch': 'arm64' },
        affinity: { nodeAffinity: {} },
        priorityClassName: 'high',
      }),
    );
    expect(found(objects, 'ServiceAccount kubernaut-watcher').metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/w',
    });
    expect(found(objects, 'Deployment kubernaut-watcher')['spec']).toMatchObject({
      template: {
        metadata: { labels: { team: 'sre' }, annotations: { note: 'x' } },
        spec: {
          imagePullSecrets: [{ name: 'pull' }],
          priorityClassName: 'high',
          nodeSelector: { 'kubernetes.io/arch': 'arm64' },
          affinity: { nodeAffinity: {} },
          containers: [
            {
              image: `r.example.com/w@${digest}`,
              envFrom: [{ secretRef: { name: 'aws' } }],
              env: expect.arrayContaining([
                { name: 'KUBERNAUT_CLUSTER', value: 'primary-cluster' },
                { name: 'KUBERNAUT_NAMESPACE', value: 'kubernaut-system' },
                { name: 'KUBERNAUT_QUEUE_URL_PREFIX', value: requiredValues.queueUrlPrefix },
                { name: 'AWS_REGION', value: 'eu-central-1' },
                { name: 'AWS_ENDPOINT_URL_SQS', value: 'http://localstack.tools:4566' },
              ]),
            },
          ],
        },
      },
    });
  });

  it('gives the watcher nothing that it does not know', async () => {
    const deployment = found(
      await objectsWith(watcher({ awsRegion: 'eu-central-1', sqsEndpoint: 'http://localstack.tools:4566' })),
      'Deployment kubernaut-watcher',
    );
    const { template } = deployment['spec'] as {
      readonly template: { readonly spec: { readonly containers: readonly [{ readonly env: readonly Variable[] }] } };
    };
    const variables = Object.fromEntries(template.spec.containers[0].env.map(({ name, value }) => [name, value]));
    expect(parseWatcherEnvironment(variables)).toEqual({ ...variables, KUBERNAUT_WATCHER_PORT: 8_080 });
  });

  it('puts names of every kind into policies that are still CEL, and hold', async () => {
    const user = `arn:aws:sts::123456789012:assumed-role/kubernaut&<"'\\/pass`;
    const objects = await objectsWith({
      functions: { serviceAccount: { create: false }, users: [user], groups: ['kubernaut:functions'] },
      executor: { images: ['registry.example.com/kubectl:v1.35.4', 'registry.example.com/kubectl:v1.36.3'] },
      policies: { protectedNamespaces: ['vault', 'kube-system'] },
    });
    const policies = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(policyOf);
    expect(policies.flatMap(uncompilable)).toEqual([]);
    const [, reach, shape] = policies;
    if (reach === undefined || shape === undefined) throw new Error('three policies are rendered in their order');
    expect(reach.variables['protectedNamespaces']).toBe('["kube-system","kube-public","kube-node-lease","kubernaut-system","vault"]');
    const request = { operation: 'CREATE', namespace: 'kubernaut-system', userInfo: { username: user } };
    const job = (image: string) => aStolenJob(({ container }) => (container['image'] = image));
    expect(judge(shape, { request, object: job('registry.example.com/kubectl:v1.35.4') })).toEqual([]);
    expect(judge(shape, { request, object: job('registry.k8s.io/kubectl:v1.36.3') })).toEqual([expect.stringContaining('a pinned image')]);
    expect(JSON.stringify(found(objects, 'RoleBinding kubernaut-functions')['subjects'])).toContain(JSON.stringify(user));
  });

  it.each<[sentence: string, values: object, words: string]>([
    ['no queue', { queueUrlPrefix: '' }, 'queueUrlPrefix: what the URLs of the queues begin with'],
    ['no image', { watcher: {} }, 'watcher.image.repository: build infra/watcher/Dockerfile'],
    ['functions that are nobody', { functions: { serviceAccount: { create: false } } }, 'functions: nobody could act'],
    ['an unknown value', { watchers: true }, "additional properties 'watchers' not allowed"],
    ['an action that is none', { actions: { byName: { scale: {} } } }, "at '/actions/byName'"],
    ['a moving tag', { executor: { images: ['kubectl:latest'] } }, "at '/executor/images/0'"],
    ['a number where a name is wanted', { cluster: 5 }, "at '/cluster': got number, want string"],
  ])('refuses %s, and says which', async (_sentence, values, words) => {
    const { code, stderr } = await render(helm, { ...requiredValues, ...values });
    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
  });

  it('asks the admission-webhook where an address is given, and says the same as infra/cluster does', async () => {
    const url = 'https://abc.lambda-url.eu-central-1.on.aws/a-segment-of-enough-length';
    const functions = { serviceAccount: { create: true }, users: ['arn:aws:iam::1:role/functions'], groups: ['kubernaut:functions'] };
    const expected = webhookConfigurations({
      url,
      caBundle: 'Zm9v',
      namespace: 'kubernaut-system',
      functions: { users: ['system:serviceaccount:kubernaut-system:kubernaut-functions', ...functions.users], groups: functions.groups },
    });
    const objects = await objectsWith({ functions, admission: { url: `${url}/`, caBundle: 'Zm9v' } });
    for (const object of expected) expect(essence(found(objects, idOf(object)))).toEqual(essence(object));
    const trusted = found(await objectsWith({ admission: { url } }), 'ValidatingWebhookConfiguration kubernaut-admission');
    expect(trusted['webhooks']).toMatchObject([{ clientConfig: { url: `${url}/validate` } }]);
    expect(JSON.stringify(trusted)).not.toContain('caBundle');
    for (const off of [standard, await objectsWith({ admission: { enabled: false, url } })]) {
      expect(off.filter(({ kind }) => kind.endsWith('WebhookConfiguration'))).toEqual([]);
    }
  });

  it('refuses a cluster that is too old for its policies', async () => {
    const { stderr } = await runHelm(helm, ['template', 'kubernaut', chartDirectory, '--kube-version', '1.29.9'], requiredValues);
    expect(stderr).toContain('kubeVersion: >=1.30.0-0');
  });
});
