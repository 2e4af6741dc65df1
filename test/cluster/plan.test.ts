import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInTypes } from '../../infra/local/sandbox/built-in-types.ts';
import type { PlanReport } from '../../infra/cli/operator/plan-report.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { aDeployment, aPod, aRollout, aTemplate } from '../support/actions.ts';
import { anOperatorWorld, root, type OperatorWorld } from '../support/operator-world.ts';

const fixture = join(root, 'test/fixtures/alertmanager/payment-api-memory.json');
const slowMachine = 120_000;
let world: OperatorWorld;

/** payment-api in production: three pods wanted, of which one was killed for memory. No controller lives here, so it stays like that. */
beforeAll(async () => {
  world = await anOperatorWorld();
  await world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } });
  const deployment = await world.put(aDeployment());
  const replicaSet = await world.put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'payment-api-7d9', namespace: 'production', labels: { app: 'payment-api' }, ownerReferences: [ownedBy(deployment)] },
    spec: { replicas: 3, selector: { matchLabels: { app: 'payment-api' } }, template: aTemplate() },
    status: aRollout(3),
  });
  const lastState = { terminated: { reason: 'OOMKilled', exitCode: 137, startedAt: '2026-01-15T10:30:00Z', finishedAt: '2026-01-15T10:33:00Z' } };
  await world.put(
    aPod({
      metadata: { ownerReferences: [ownedBy(replicaSet)] },
      spec: aTemplate().spec,
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'app', ready: true, restartCount: 4, image: 'payment-api:1', imageID: '', state: { running: {} }, lastState }],
      },
    }),
  );
}, slowMachine);
afterAll(() => world.close());

function ownedBy(object: KubernetesObject) {
  return ownerReferenceTo({ ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? '' } });
}

/** Everything that lies in the cluster, with its version. */
async function everything(): Promise<readonly string[]> {
  const known = builtInTypes.map(({ group, version, plural }) => (group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`));
  const ours = Object.values(kinds).map(({ apiVersion, plural }) => `/apis/${apiVersion}/${plural}`);
  const lists = await Promise.all([...known, ...ours].map(async (path) => ({ path, answer: await world.admin.send({ method: 'GET', path }, 10_000) })));
  return lists.flatMap(({ path, answer }) => {
    const { items = [] } = answer.body as { readonly items?: readonly KubernetesObject[] };
    return items.map(({ metadata }) => `${path}/${metadata.namespace ?? ''}/${metadata.name}@${metadata.resourceVersion ?? ''}`);
  });
}

const itemsOf = (stdout: string) => (JSON.parse(stdout) as { readonly items: readonly PlanReport[] }).items;

describe('kubernaut plan', () => {
  it(
    'prints what would be done, step by step with its difference, and changes nothing',
    async () => {
      const before = await everything();
      expect(before.length).toBeGreaterThan(20);
      const planned = await world.kubernaut(['plan', '--alert', fixture]);
      expect(planned).toMatchObject({ code: 0, stderr: '' });
      expect(planned.stdout).toContain('target     Deployment production/payment-api, production, P0\n');
      expect(planned.stdout).toContain('dry run: deployment.apps/payment-api scaled (dry run)\n');
      expect(planned.stdout).toMatch(/- spec\.replicas: 3\n +\+ spec\.replicas: 5\n/);
      expect(planned.stdout).toContain('runs: kubectl scale deployment payment-api --namespace=production --replicas=5 (as scale-deployment-sa)\n');
      expect(planned.stdout).toMatch(/undone by: scale_deployment [^\n]*replicas=3/);
      expect(planned.stdout).toMatch(/verdict +it would act: every step passed every check; nothing was changed\n$/);
      expect(await everything()).toEqual(before);
    },
    slowMachine,
  );

  it(
    'prints one document for programs, and says what would hold it',
    async () => {
      await world.admin.send(namespacePatch({ 'kubernaut.io/paused': 'true' }), 10_000);
      const planned = await world.kubernaut(['plan', '--alert', fixture, '-o', 'json'], { KUBERNAUT_MONITORING_SECONDS: '5' });
      await world.admin.send(namespacePatch({ 'kubernaut.io/paused': null }), 10_000);
      expect(planned).toMatchObject({ code: 0, stderr: '' });
      const [report] = itemsOf(planned.stdout);
      expect(report).toMatchObject({
        verdict: 'would_act',
        action: 'scale_deployment',
        steps: [
          { action: 'scale_deployment', changes: [{ object: 'Deployment production/payment-api', fields: [{ field: 'spec.replicas', before: 3, after: 5 }] }] },
        ],
        heldBy: { reason: 'paused', until: null },
        absorbedBy: null,
      });
      expect(report?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    },
    slowMachine,
  );

  it(
    'answers 1 for a plan that would fail, and tells each firing alert of a notification',
    async () => {
      const notification = JSON.parse(await readFile(fixture, 'utf8')) as { readonly alerts: readonly JsonObject[] };
      const [alert = {}] = notification.alerts;
      const absent = { ...alert, fingerprint: 'beef', labels: { alertname: 'Down', namespace: 'production', deployment: 'absent' } };
      const path = join(world.commandLine.runtimeDirectory, 'two.json');
      await writeFile(path, JSON.stringify({ ...notification, alerts: [absent, { ...alert, status: 'resolved' }] }));
      const planned = await world.kubernaut(['plan', '--alert', path, '-o', 'json']);
      expect(planned).toMatchObject({ code: 1, stderr: '' });
      expect(itemsOf(planned.stdout)).toMatchObject([
        { alert: { name: 'Down' }, verdict: 'would_fail', message: 'target_not_found: Deployment production/absent does not exist', steps: [] },
      ]);
    },
    slowMachine,
  );

  it(
    'says who may not ask what it has to know',
    async () => {
      const planned = await world.kubernaut(['plan', '--alert', fixture], { KUBECONFIG: await world.kubeconfigOf('nobody') });
      expect(planned).toMatchObject({ code: 1, stdout: '' });
      expect(planned.stderr).toMatch(/^error: not permitted: [^\n]* cannot get resource [^\n]*; ask whoever administers the cluster for that verb[^\n]*\n$/);
    },
    slowMachine,
  );

  it(
    'says who may not be the identity of an action, which is nothing that the plan could help',
    async () => {
      const rules = [
        { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] },
        { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
      ];
      const group = 'rbac.authorization.k8s.io';
      await world.put({ apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name: 'reader' }, rules });
      await world.put({
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'reader' },
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'kubernaut-system' }],
      });
      const planned = await world.kubernaut(['plan', '--alert', fixture], { KUBECONFIG: await world.kubeconfigOf('reader') });
      expect(planned).toMatchObject({ code: 1, stdout: '' });
      expect(planned.stderr).toMatch(/^error: not permitted: [^\n]*cannot impersonate resource "serviceaccounts"[^\n]*; ask whoever/);
    },
    slowMachine,
  );

  it.each<[string, string, string]>([
    ['is not there', '/none.json', 'cannot be read'],
    ['is no JSON', 'README.md', 'README.md is no JSON: give what Alertmanager posts to a webhook'],
    ['is no notification', 'package.json', 'package.json is no Alertmanager notification of version "4" (version: '],
  ])('tells in one sentence that the alert %s', async (_sentence, alert, words) => {
    const ended = await world.kubernaut(['plan', '--alert', alert]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^error: [^\n]*\n$/);
    expect(ended.stderr).toContain(words);
  });
});

function namespacePatch(annotations: JsonObject) {
  return { method: 'PATCH', path: '/api/v1/namespaces/production', patchType: 'application/merge-patch+json', body: { metadata: { annotations } } } as const;
}
