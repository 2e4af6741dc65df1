import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildJob } from '../../../functions/kubernetes-execution/job.ts';
import { createObject } from '../../../infra/local/stack/install.ts';
import { readOne } from '../../../infra/local/story/observe.ts';
import { actions, bindAction, serviceAccountOf } from '../../../shared/actions/index.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { dashed } from '../../../shared/api/names.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { PolicyRule } from '../../../shared/kubernetes/ports.ts';
import { anExecution, settings } from '../../support/executions.ts';
import { aRealStack, type RealStack } from '../../support/real-stack.ts';

const ours = 'kubernaut-system';
const theirs = 'least-privilege';

let stack: RealStack;
beforeAll(async () => {
  stack = await aRealStack();
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: theirs } });
});
afterAll(() => stack.stop());

/** One thing that a role permits. */
interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}
const permissionsOf = (rules: readonly PolicyRule[]): readonly Permission[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb): Permission => ({ group, resource, verb })))),
  );
const wordsOf = ({ verb, resource }: Permission) => `${verb} ${resource}`;

interface Case {
  readonly action: string;
  /** Of the action's permissions those on these are needed here. */
  readonly resources: readonly string[];
  readonly target: (name: string) => KubernetesObject;
  readonly parameters: (name: string) => JsonObject;
}

const container = { name: 'app', image: 'registry.example/app:1', resources: { limits: { memory: '64Mi' } } };
const workload =
  (kind: string, more: JsonObject) =>
  (name: string): KubernetesObject => {
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: theirs }, spec: { selector: { matchLabels: labels }, template, ...more } };
  };
const moreMemory = (kind: string) => (name: string) => ({ namespace: theirs, kind, name, container: 'app', memory: '128Mi' });

const cases: readonly Case[] = [
  {
    action: 'scale_deployment',
    resources: ['deployments', 'deployments/scale'],
    target: workload('Deployment', { replicas: 0 }),
    parameters: (name) => ({ namespace: theirs, deployment: name, replicas: 1 }),
  },
  {
    action: 'restart_pod',
    resources: ['pods'],
    target: (name) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: theirs }, spec: { containers: [container] } }),
    parameters: (name) => ({ namespace: theirs, pod: name }),
  },
  {
    action: 'patch_configmap',
    resources: ['configmaps'],
    target: (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: theirs }, data: { POOL: '0' } }),
    parameters: (name) => ({ namespace: theirs, configmap: name, data: { POOL: '20' } }),
  },
  { action: 'increase_memory_limit', resources: ['deployments'], target: workload('Deployment', { replicas: 0 }), parameters: moreMemory('deployment') },
  {
    action: 'increase_memory_limit',
    resources: ['statefulsets'],
    target: workload('StatefulSet', { replicas: 0, serviceName: 'none' }),
    parameters: moreMemory('statefulset'),
  },
  { action: 'increase_memory_limit', resources: ['daemonsets'], target: workload('DaemonSet', {}), parameters: moreMemory('daemonset') },
];

const rulesOf = (name: string) => actions.find((action) => action.name === name)?.rbac ?? [];
const neededBy = ({ action, resources }: Case) => permissionsOf(rulesOf(action)).filter(({ resource }) => resources.includes(resource));

/** An account like the action's, but for one permission. The name ends as those of the actions do, so the policies hold it alike. */
async function anAccount(name: string, permissions: readonly Permission[]): Promise<string> {
  const account = `${name}-sa`;
  const rules = permissions.map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }));
  const [apiGroup, apiVersion] = ['rbac.authorization.k8s.io', 'rbac.authorization.k8s.io/v1'];
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: ours } });
  await createObject(stack.admin, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules });
  await createObject(stack.admin, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: ours }],
  });
  return account;
}

/** The Job that the executor would make, with another account; nobody's, since its execution exists nowhere. */
async function startJob(name: string, { action: actionType, target, parameters }: Case, account: string): Promise<void> {
  const object = await createObject(stack.admin, target(name));
  const actionParams = parameters(name);
  const action = { ...bindAction(actionType, actionParams), serviceAccount: account };
  const execution = anExecution({ spec: { actionType, actionParams } });
  const { metadata, ...job } = buildJob({ execution, action, target: object, image: settings.kubectlImage, activeDeadlineSeconds: 120 });
  await createObject(stack.admin, { ...job, metadata: { name, namespace: ours, ...(metadata.labels !== undefined && { labels: metadata.labels }) } });
}

interface Outcome {
  readonly end: 'Complete' | 'Failed';
  /** `patch deployments/scale`, as kubectl was told; empty when it was refused nothing. */
  readonly refused: string;
}

async function outcomeOf(name: string): Promise<Outcome> {
  let end: Outcome['end'] = 'Failed';
  await stack.eventually(`Job ${name} has ended`, async () => {
    const job = await readOne(stack.admin, { apiVersion: 'batch/v1', kind: 'Job' }, { namespace: ours, name });
    const { conditions = [] } = (job?.['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
    const types = conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
    end = types.includes('Complete') ? 'Complete' : 'Failed';
    return types.includes('Complete') || types.includes('Failed');
  });
  const [pod] = await stack.all({ apiVersion: 'v1', kind: 'Pod', labelSelector: `job-name=${name}` });
  const log = await stack.admin.send({ method: 'GET', path: `/api/v1/namespaces/${ours}/pods/${pod?.metadata.name ?? ''}/log` }, 10_000);
  const [, verb = '', resource = ''] = /cannot (\w+) resource "([^"]+)"/.exec(String(log.body as string)) ?? [];
  return { end, refused: `${verb} ${resource}`.trim() };
}

interface Variant {
  readonly name: string;
  /** Null: the action's own account, with the role that was generated and installed. */
  readonly permissions: readonly Permission[] | null;
  readonly expected: Outcome;
}

/** As the action itself, then without each permission that the case needs. */
function variantsOf(each: Case): readonly Variant[] {
  const all = permissionsOf(rulesOf(each.action));
  const place = `${dashed(each.action)}-${each.resources[0] ?? ''}`;
  const lacking = neededBy(each).map((missing, index): Variant => {
    const permissions = all.filter((permission) => wordsOf(permission) !== wordsOf(missing));
    return { name: `${place}-without-${index}`, permissions, expected: { end: 'Failed', refused: wordsOf(missing) } };
  });
  return [{ name: `${place}-whole`, permissions: null, expected: { end: 'Complete', refused: '' } }, ...lacking];
}

describe('on a real control plane, the role of an action', () => {
  it('is all of what the cases need, and nothing else', () => {
    for (const { name, rbac } of actions) {
      const needed = cases.filter(({ action }) => action === name).flatMap(neededBy);
      expect([name, ...needed.map(wordsOf).toSorted()]).toEqual([name, ...permissionsOf(rbac).map(wordsOf).toSorted()]);
    }
  });

  it.each(cases.map((each) => ({ ...each, on: each.resources[0] ?? '' })))(
    'is enough for $action on $on, and each permission of it is needed',
    async (each) => {
      const variants = variantsOf(each);
      for (const { name, permissions } of variants) {
        await startJob(name, each, permissions === null ? serviceAccountOf(each.action) : await anAccount(name, permissions));
      }
      const outcomes = await Promise.all(variants.map(async ({ name }) => [name, await outcomeOf(name)]));
      expect(outcomes).toEqual(variants.map(({ name, expected }) => [name, expected]));
    },
  );
});
