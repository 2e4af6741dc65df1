import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildJob } from '../../../functions/kubernetes-execution/job.ts';
import { defaultImage } from '../../../infra/cluster/policy-settings.ts';
import { readObjects } from '../../../infra/local/stack/install.ts';
import { parseKubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aDeployment } from '../../support/actions.ts';
import { create, eventually, succeeded, type Answer, type Caller } from '../../support/control-plane.ts';
import { anExecutionObject, scaleTo5 } from '../../support/executions.ts';
import { ownControlPlane, type OwnControlPlane } from '../../support/own-control-plane.ts';
import { aStolenJob, jobsAsBuilt, thefts } from '../../support/stolen-jobs.ts';

const cluster = join(import.meta.dirname, '../../../infra/cluster');
const objectsIn = (folder: string) => readdirSync(join(cluster, folder)).flatMap((name) => readObjects(join(cluster, folder, name)));
const ours = '/api/v1/namespaces/kubernaut-system';
const jobsPath = '/apis/batch/v1/namespaces/kubernaut-system/jobs';
const accountUser = (account: string) => ({ 'impersonate-user': `system:serviceaccount:kubernaut-system:${account}` });
const protectedPlaces = ['kube-system', 'kubernaut-system'];
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const asScaling = { ...accountUser('scale-deployment-sa'), ...mergePatch };
const scaled = { body: { spec: { replicas: 0 } } };

describe('with stolen credentials, against a kube-apiserver', () => {
  const controlPlane = ownControlPlane();
  let api: OwnControlPlane;
  let admin: Caller;
  /** As whoever holds the token of kubernaut-functions. */
  let thief: Caller;
  let target = '';
  let execution: KubernetesObject;

  beforeAll(async () => {
    api = controlPlane();
    ({ admin } = api);
    const isNamespace = ({ kind }: KubernetesObject) => kind === 'Namespace';
    const identities = objectsIn('rbac');
    for (const object of [...identities.filter(isNamespace), ...objectsIn('crds'), ...identities, ...objectsIn('policies')]) await api.apply(object);
    const made = succeeded(await admin('POST', '/api/v1/namespaces', { body: { metadata: { generateName: 'policies-' } } }));
    const namespace = (made as unknown as KubernetesObject).metadata.name;
    target = `/apis/apps/v1/namespaces/${namespace}/deployments/payment-api`;
    for (const where of [namespace, ...protectedPlaces]) await api.apply(aPaymentApi(where));
    thief = api.withToken(await api.tokenOf('kubernaut-functions'));
    const { metadata, ...fields } = anExecutionObject({ phase: '' });
    const { name } = metadata;
    await eventually(
      () => admin('GET', '/apis/executor.kubernaut.io/v1/namespaces/kubernaut-system/kubernetesexecutions'),
      ({ status }) => status === 200,
    );
    execution = await create(admin, { ...fields, metadata: { generateName: `${name}-`, namespace: 'kubernaut-system' } as unknown as typeof metadata });
    // Each policy is in force once it refuses something.
    await eventually(() => thief('PATCH', `${target}/scale`, { body: { spec: { replicas: 3 } }, headers: asScaling }), refused);
    await eventually(() => thief('POST', `${jobsPath}?dryRun=All`, { body: aStolenJob(({ spec }) => (spec['backoffLimit'] = 6)) }), refused);
    await eventually(() => admin('PATCH', `${protectedTargets[0]}/scale?dryRun=All`, { ...scaled, headers: asScaling }), refused);
  });

  const protectedTargets = protectedPlaces.map((namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments/payment-api`);
  const refused = ({ status }: Answer) => status === 403;

  async function replicas(path: string): Promise<unknown> {
    const { body } = await admin('GET', path);
    return (body['spec'] as { readonly replicas: number }).replicas;
  }

  /** A pod that runs as the account, as far as an API server knows, and what it may do with its token. */
  async function podOf(account: string): Promise<Caller> {
    const podSpec = (aStolenJob(({ pod }) => (pod['serviceAccountName'] = account))['spec'] as { readonly template: { readonly spec: object } }).template.spec;
    const metadata = { generateName: 'ke-scale-deployment-', namespace: 'kubernaut-system' } as unknown as KubernetesObject['metadata'];
    const pod = await create(admin, { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec });
    return api.withToken(await api.tokenOf(account, pod));
  }

  describe('an action', () => {
    it('is rehearsed by impersonation, and not done', async () => {
      expect(await thief('PATCH', `${target}/scale?dryRun=All`, { ...scaled, headers: asScaling })).toMatchObject({ status: 200 });
      expect(await thief('PATCH', `${target}/scale`, { ...scaled, headers: asScaling })).toMatchObject({
        status: 403,
        message: expect.stringContaining('writes only from the pod of its Job'),
      });
      expect(await replicas(target)).toBe(3);
    });

    it('is not done with a token that no pod holds, even if an administrator asked for it', async () => {
      const outside = api.withToken(await api.tokenOf('scale-deployment-sa'));
      expect(await outside('PATCH', `${target}/scale`, { ...scaled, headers: mergePatch })).toMatchObject({
        status: 403,
        message: expect.stringContaining('kubernaut-action-origin'),
      });
      expect(await replicas(target)).toBe(3);
    });

    it('cannot claim a pod', async () => {
      const headers = { ...asScaling, 'impersonate-extra-authentication.kubernetes.io%2fpod-name': 'ke-scale-deployment-1a2b3c4d-x7k2p' };
      expect(await thief('PATCH', `${target}/scale`, { ...scaled, headers })).toMatchObject({ status: 403, message: expect.stringContaining('userextras') });
    });

    it('is done from its pod, and never in a protected namespace', async () => {
      const pod = await podOf('scale-deployment-sa');
      for (const path of protectedTargets) {
        const message = expect.stringContaining('this namespace is protected') as string;
        expect(await pod('PATCH', `${path}/scale`, { ...scaled, headers: mergePatch })).toMatchObject({ status: 403, message });
        expect(await replicas(path)).toBe(3);
      }
      expect(await pod('PATCH', `${target}/scale`, { body: { spec: { replicas: 4 } }, headers: mergePatch })).toMatchObject({ status: 200 });
      expect(await replicas(target)).toBe(4);
    });

    it('ends no pod of ours', async () => {
      const pod = await podOf('restart-pod-sa');
      const { body } = await admin('GET', `${ours}/pods?limit=1`);
      const [victim] = body['items'] as unknown as readonly [KubernetesObject];
      expect(await pod('DELETE', `${ours}/pods/${victim.metadata.name}`)).toMatchObject({
        status: 403,
        message: expect.stringContaining('this namespace is protected'),
      });
    });
  });

  describe('a Job', () => {
    it.each(Object.entries(jobsAsBuilt))('passes as the functions build it: %s', async (_sentence, job) => {
      expect(await thief('POST', `${jobsPath}?dryRun=All`, { body: job })).toMatchObject({ status: 201 });
    });

    it.each(thefts)('is refused with %s', async (_attempt, change, words) => {
      const job = aStolenJob(change);
      const answer = await thief('POST', jobsPath, { body: job });
      // A server that was started without --allow-privileged refuses that one itself.
      const byServer = answer.message.includes('disallowed by cluster policy');
      const byPolicy = answer.message.includes('kubernaut-job-shape') && answer.message.includes(words);
      expect([answer, byServer || byPolicy]).toMatchObject([{ status: byServer ? 422 : 403 }, true]);
      expect(await admin('GET', `${jobsPath}/${job.metadata.name}`)).toMatchObject({ status: 404 });
    });

    it('that runs is left as it is, but for its finalizer', async () => {
      const plan = { execution: parseKubernetesExecution(execution), action: scaleTo5, target: aDeployment(), image: defaultImage, activeDeadlineSeconds: 295 };
      const { metadata } = await create(thief, buildJob(plan));
      const path = `${jobsPath}/${metadata.name}`;
      const patch = (body: object) => thief('PATCH', path, { body, headers: mergePatch });
      const attempts = [
        { spec: { suspend: true } },
        { spec: { parallelism: 7 } },
        { spec: { activeDeadlineSeconds: 86_400 } },
        { metadata: { labels: { 'kubernaut.io/action': 'restart-pod' } } },
        { metadata: { annotations: { 'kubernaut.io/void': 'cancelled' } } },
        { metadata: { ownerReferences: null } },
      ];
      for (const attempt of attempts) expect(await patch(attempt)).toMatchObject({ status: 403, message: expect.stringContaining('the finalizers only') });
      expect(await patch({ metadata: { finalizers: [] } })).toMatchObject({ status: 200, body: { spec: { suspend: false, parallelism: 1 } } });
      expect(await thief('DELETE', `${path}?propagationPolicy=Background`)).toMatchObject({ status: 200 });
    });

    it('by a person is a matter of that person', async () => {
      const job = aStolenJob(({ container }) => (container['image'] = 'docker.io/library/alpine:3.22'));
      expect(await admin('POST', `${jobsPath}?dryRun=All`, { body: job })).toMatchObject({ status: 201 });
    });
  });

  describe('RBAC', () => {
    const podSpec = { containers: [{ name: 'c', image: defaultImage }] };
    const clusterAdmin = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
    const subjects = [{ kind: 'ServiceAccount', name: 'kubernaut-functions', namespace: 'kubernaut-system' }];
    const rbac = '/apis/rbac.authorization.k8s.io/v1';

    it.each<[attempt: string, method: string, path: string, call?: Parameters<Caller>[2]]>([
      ['a token of an action account', 'POST', `${ours}/serviceaccounts/scale-deployment-sa/token`, { body: { spec: {} } }],
      ['a Secret', 'GET', `${ours}/secrets`],
      ['a pod of its own', 'POST', `${ours}/pods`, { body: { metadata: { name: 'p' }, spec: podSpec } }],
      ['a command in a pod', 'POST', `${ours}/pods/p/exec?command=sh&container=c&stdout=true`],
      ['a command in a pod, as an action', 'POST', `${ours}/pods/p/exec?command=sh&stdout=true`, { headers: accountUser('restart-pod-sa') }],
      ['a Job elsewhere', 'POST', '/apis/batch/v1/namespaces/default/jobs', { body: jobsAsBuilt['a scaling'] }],
      ['a CronJob', 'POST', jobsPath.replace('jobs', 'cronjobs'), { body: { metadata: { name: 'c' }, spec: {} } }],
      ['more rights by its role', 'PATCH', `${rbac}/clusterroles/kubernaut-functions`, { body: { rules: [] }, headers: mergePatch }],
      ['more rights by a binding', 'POST', `${rbac}/clusterrolebindings`, { body: { metadata: { name: 'b' }, roleRef: clusterAdmin, subjects } }],
      ['more rights for an action', 'PATCH', `${rbac}/clusterroles/kubernaut-action-restart-pod`, { body: { rules: [] }, headers: mergePatch }],
      ['the account of the watcher', 'GET', jobsPath, { headers: accountUser('kubernaut-watcher') }],
      ['the group of the masters', 'GET', jobsPath, { headers: { ...accountUser('restart-pod-sa'), 'impersonate-group': 'system:masters' } }],
      ['an end of the policies', 'DELETE', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/kubernaut-job-shape'],
      ['another definition', 'DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kubernetesexecutions.executor.kubernaut.io'],
      [
        'a workload, as itself',
        'PATCH',
        '/apis/apps/v1/namespaces/kube-system/deployments/payment-api',
        { body: { spec: { replicas: 0 } }, headers: mergePatch },
      ],
    ])('gives no %s', async (_attempt, method, path, call) => {
      expect(await thief(method, path, call)).toMatchObject({ status: 403 });
    });
  });
});

function aPaymentApi(namespace: string): KubernetesObject {
  const labels = { app: 'payment-api' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'api', image: 'registry.example.com/payment:1.0' }] } };
  const spec = { replicas: 3, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'payment-api', namespace }, spec };
}
