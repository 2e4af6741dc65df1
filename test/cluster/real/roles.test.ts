import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisProvider } from '../../../functions/ai-analysis/provider.ts';
import { rulesProvider } from '../../../functions/ai-analysis/rules/engine.ts';
import { createObject } from '../../../infra/local/stack/install.ts';
import { jobKind, phaseIsTerminal, readOne, requestKind } from '../../../infra/local/story/observe.ts';
import type { Story } from '../../../infra/local/story/story.ts';
import { kinds, type KindName } from '../../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { addSeconds } from '../../../shared/api/time.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { auditPolicy, readAuditLog, type AuditedRequest } from '../../support/audit-log.ts';
import { connectControlPlane } from '../../support/control-plane.ts';
import { aRealStack, storyOf, type RealStack } from '../../support/real-stack.ts';
import { isAllowed, isFor, permissionsOf, setPermissions, wordsOf, type Permission, type Role } from '../../support/roles.ts';

const accounts = ['kubernaut-functions', 'kubernaut-watcher'];
const users = accounts.map((account) => `system:serviceaccount:kubernaut-system:${account}`);
const role: Role = { kind: 'Role', name: 'kubernaut-functions' };
const clusterRole: Role = { kind: 'ClusterRole', name: 'kubernaut-functions' };
const roles: readonly Role[] = [role, clusterRole, { kind: 'Role', name: 'kubernaut-watcher' }];

/** One for each link of the chain: a whole story for every permission would take half an hour. All of them are asked of the authorizer below. */
const sample: readonly Permission[] = [
  { role, group: kinds.RemediationProcessing.group, resource: 'remediationprocessings', verb: 'create', name: null },
  { role: clusterRole, group: '', resource: 'configmaps', verb: 'get', name: null },
  { role, group: kinds.AIAnalysis.group, resource: 'aianalyses/status', verb: 'patch', name: null },
  { role, group: 'coordination.k8s.io', resource: 'leases', verb: 'create', name: null },
  { role: clusterRole, group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verb: 'create', name: null },
  { role, group: '', resource: 'serviceaccounts', verb: 'impersonate', name: 'patch-configmap-sa' },
  { role, group: 'batch', resource: 'jobs', verb: 'create', name: null },
];

/** Needed only when something went wrong that no story here lets go wrong. */
const untold = [
  'Role kubernaut-functions: delete jobs', // a Job that outlives its own deadline
  'Role kubernaut-functions: delete workflowexecutions', // a workflow that ended before any request named it
];

let stack: RealStack;
let directory = '';
const auditLog = () => readAuditLog(join(directory, 'audit.log'));
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-roles-'));
  const audit = { policy: auditPolicy(users), logFile: join(directory, 'audit.log') };
  // With this plugin an API server asks who makes a child for the right to hold up its owner.
  const variables = { KUBERNAUT_RETRY_BASE_SECONDS: '1', KUBERNAUT_RETRY_MAX_SECONDS: '2' };
  stack = await aRealStack({ provider: anInvestigator, variables, apiServer: { audit, admissionPlugins: ['OwnerReferencesPermissionEnforcement'] } });
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

const slow = 'slow';
const slowMilliseconds = 8_000; // long enough to be cancelled meanwhile

/** Answers of the story for what it is about, and takes long for one namespace; else the embedded rules. */
const anInvestigator: AnalysisProvider = {
  name: 'scripted',
  async investigate(question, signal) {
    const about = JSON.stringify(question.spec);
    if (about.includes('"shop"')) return storyOf('three-steps').analysis;
    if (about.includes(`"${slow}"`)) await wait(slowMilliseconds, undefined, { signal }).catch(() => undefined);
    return rulesProvider.investigate(question, signal);
  },
};

const pathOf = (kind: KindName, name: string) => `/apis/${kinds[kind].apiVersion}/namespaces/kubernaut-system/${kinds[kind].plural}/${name}`;
async function patch(path: string, body: object): Promise<void> {
  const answer = await stack.admin.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { ...body } }, 10_000);
  expect(answer).toMatchObject({ status: 200 });
}
const cancel = ({ metadata: { name } }: KubernetesObject) => patch(pathOf('RemediationRequest', name), { spec: { cancel: true } });
async function isOver({ metadata: { name } }: KubernetesObject): Promise<boolean> {
  const now = await readOne(stack.admin, requestKind, { namespace: 'kubernaut-system', name });
  return now !== null && phaseIsTerminal(now);
}
const phaseIs = (kind: KindName, phase: string) => async () =>
  (await stack.all({ apiVersion: kinds[kind].apiVersion, kind })).some((object) => stringAt(object, 'status', 'phase') === phase);
const asked = (verb: string, resource: string) => async () => auditLog().some((request) => request.verb === verb && request.resource === resource);

/** The same story in another namespace, about another firing. */
function moved(story: Story, from: string, to: string): Story {
  return JSON.parse(JSON.stringify(story).replaceAll(from, to).replaceAll('"fingerprint":"', '"fingerprint":"0')) as Story;
}

/** Lets a rehearsal pass and refuses the deed: so a Job fails, and its logs and events are looked at. */
async function refuseDeeds(namespace: string): Promise<void> {
  const [apiVersion, name] = ['admissionregistration.k8s.io/v1', 'of-a-test'];
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['UPDATE'] }];
  const validations = [{ expression: `request.?dryRun.orValue(false) || request.namespace != "${namespace}"`, message: 'not today' }];
  await createObject(stack.admin, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules }, validations },
  });
  await createObject(stack.admin, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

async function tellEverything(): Promise<void> {
  await refuseDeeds('refused');
  for (const name of ['payment-api-memory', 'bad-config-value', 'crash-looping-pod', 'three-steps']) await stack.play(storyOf(name));
  await stack.play(moved(storyOf('bad-config-value'), 'pricing', 'refused'));
  expect(await phaseIs('KubernetesExecution', 'failed')()).toBe(true);
  await cancelAtWork();
  await cancelWhileInvestigating();
  await askAboutEveryKind();
  await outliveRetention();
}

/** Past the Job, while its replicas are waited for. */
async function cancelAtWork(): Promise<void> {
  const ending = new AbortController();
  const playing = stack.play(moved(storyOf('payment-api-memory'), 'production', 'cancelled'), ending.signal).catch(() => undefined);
  const isActing = async () => (await phaseIs('KubernetesExecution', 'executing')()) && (await stack.all(jobKind)).some(isComplete);
  await stack.eventually('an execution waits for its replicas', isActing);
  const request = (await stack.all(requestKind)).find((each) => !phaseIsTerminal(each));
  if (request === undefined) throw new Error('nothing runs that could be cancelled');
  await cancel(request);
  await stack.eventually('the request is over', () => isOver(request));
  ending.abort(new Error('told'));
  await playing;
}

function isComplete(job: KubernetesObject): boolean {
  return stringAt(job, 'status', 'completionTime') !== null;
}

async function cancelWhileInvestigating(): Promise<void> {
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: slow } });
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: slow } });
  const labels = { app: 'app' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: slow },
    spec: { selector: { matchLabels: labels }, template },
  };
  await createObject(stack.admin, deployment);
  const request = await stack.alert('Slow', { namespace: slow, deployment: 'app' });
  await stack.eventually('somebody investigates', phaseIs('AIAnalysis', 'investigating'));
  await cancel(request);
  await stack.eventually('the request is over', () => isOver(request));
}

/** Alerts about what is not there: each kind is looked for. A pod that is there leads to its Deployment, and the request is found by that. */
async function askAboutEveryKind(): Promise<void> {
  const kindsOfTargets = ['StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'PersistentVolumeClaim', 'HorizontalPodAutoscaler', 'Node'];
  for (const kind of kindsOfTargets) {
    const namespace = kind === 'Node' ? {} : { namespace: slow };
    const request = await stack.alert(`No${kind}`, { ...namespace, 'kubernaut.io/target-kind': kind, 'kubernaut.io/target-name': 'gone' });
    await stack.eventually(`the request about a ${kind} is over`, () => isOver(request));
  }
  const [pod] = await stack.all({ apiVersion: 'v1', kind: 'Pod' }, slow);
  const request = await stack.alert('OfAPod', { namespace: slow, pod: pod?.metadata.name ?? '' });
  await stack.eventually('the request about a pod is over', () => isOver(request));
}

async function outliveRetention(): Promise<void> {
  const [request] = await stack.all(requestKind);
  const { name } = request?.metadata ?? { name: '' };
  await patch(`${pathOf('RemediationRequest', name)}/status`, { status: { cleanupScheduledAt: addSeconds(stack.clock.now(), -1) } });
  await stack.eventually('the sweeper has deleted it', async () => (await readOne(stack.admin, requestKind, { namespace: 'kubernaut-system', name })) === null);
}

describe('on a real control plane, the roles of functions and watcher', () => {
  it('are enough for whatever is told', async () => {
    await tellEverything();
    expect(auditLog().filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it.each(sample.map((permission) => ({ permission, words: wordsOf(permission) })))('stop the story without $words', async ({ permission }) => {
    const all = await permissionsOf(stack.admin, permission.role);
    const before = new Set((await stack.all(requestKind)).map(({ metadata }) => metadata.name));
    const story = moved(storyOf('bad-config-value'), 'pricing', `without-${before.size}`);
    const playing = await without(permission, all, async () => {
      const told = stack.play(story);
      await stack.eventually(`${wordsOf(permission)} was missed`, async () => auditLog().some((each) => !each.allowed && isFor(permission, each)));
      const [request] = (await stack.all(requestKind)).filter(({ metadata }) => !before.has(metadata.name));
      expect(stringAt(request, 'status', 'phase')).not.toBe('completed');
      return { told };
    });
    await playing.told; // given back, what was stopped goes on to its end
  });

  it('are asked for in vain while a target cannot be read, and its processing can be cancelled all the same', async () => {
    const permission: Permission = { role: clusterRole, group: '', resource: 'persistentvolumeclaims', verb: 'get', name: null };
    const all = await permissionsOf(stack.admin, permission.role);
    const request = await without(permission, all, async () => {
      const labels = { namespace: slow, 'kubernaut.io/target-kind': 'PersistentVolumeClaim', 'kubernaut.io/target-name': 'gone' };
      const made = await stack.alert('ClaimUnseen', labels);
      await stack.eventually('the claim was asked for', async () => auditLog().some((each) => !each.allowed && isFor(permission, each)));
      await cancel(made);
      await stack.eventually('the stage is asked to cancel', asked('patch', 'remediationprocessings'));
      expect(await isOver(made)).toBe(false);
      return made;
    });
    await stack.eventually('the request is over', () => isOver(request));
  });

  it('permit nothing that is never needed: each permission that is taken away denies something that was told', async () => {
    const requests = distinct(auditLog().filter(({ allowed }) => allowed));
    const idle: string[] = [];
    for (const each of roles) {
      const all = await permissionsOf(stack.admin, each);
      for (const permission of all.filter(({ resource }) => !resource.endsWith('/finalizers'))) {
        const candidates = requests.filter((request) => isFor(permission, request));
        const isNeeded = candidates.length > 0 && (await without(permission, all, () => isDenied(candidates)));
        if (!isNeeded) idle.push(wordsOf(permission));
      }
    }
    expect(idle).toEqual(untold);
  });

  it('permit the functions to own children, where an API server asks for that', async () => {
    const all = await permissionsOf(stack.admin, role);
    const finalizers = all.filter(({ resource }) => resource.endsWith('/finalizers'));
    const api = connectControlPlane(stack.kubeconfig);
    const functions = api.withToken(await api.tokenOf('kubernaut-functions'));
    const children: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
      'remediationrequests/finalizers': { apiVersion: kinds.RemediationProcessing.apiVersion, kind: 'RemediationProcessing' },
      'workflowexecutions/finalizers': { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' },
      'kubernetesexecutions/finalizers': jobKind,
    };
    for (const permission of finalizers) {
      const child = await anotherOf(children[permission.resource] ?? jobKind);
      const make = async () => (await functions('POST', `${child.collection}?dryRun=All`, { body: child.object })).status;
      expect([permission.resource, await make()]).toEqual([permission.resource, 201]);
      const refusals = await without(permission, all, async () => {
        await stack.eventually(`${permission.resource} is missed`, async () => (await make()) === 403);
        return 1;
      });
      expect(refusals).toBe(1);
    }
    expect(finalizers).toHaveLength(3);
  });
});

/** The API server's authorizer follows the roles by a watch: what it says is asked again for a moment. */
const looksMax = 20;
const lookMilliseconds = 50;

async function isDenied(candidates: readonly AuditedRequest[]): Promise<boolean> {
  for (let count = 0; count < looksMax; count += 1) {
    for (const candidate of candidates) if (!(await isAllowed(stack.admin, candidate))) return true;
    await wait(lookMilliseconds);
  }
  return false;
}

/** Takes it away, does something, and gives it back. */
async function without<Result>(permission: Permission, all: readonly Permission[], use: () => Promise<Result>): Promise<Result> {
  const others = all.filter((each) => wordsOf(each) !== wordsOf(permission) || each.group !== permission.group);
  expect(others).toHaveLength(all.length - 1);
  await setPermissions(stack.admin, permission.role, others);
  try {
    return await use();
  } finally {
    await setPermissions(stack.admin, permission.role, all);
  }
}

function distinct(requests: readonly AuditedRequest[]): readonly AuditedRequest[] {
  const keys = new Map(requests.map((request) => [JSON.stringify({ ...request, name: request.resource === 'serviceaccounts' ? request.name : '' }), request]));
  return [...keys.values()];
}

/** A child of ours as it was made, under another name. */
async function anotherOf(kind: { readonly apiVersion: string; readonly kind: string }): Promise<{ readonly collection: string; readonly object: object }> {
  const [child] = await stack.all(kind);
  if (child === undefined) throw new Error(`there is no ${kind.kind}`);
  const { metadata, spec, apiVersion } = child;
  const { name, namespace, labels, ownerReferences } = metadata;
  const plural = kind.kind === 'Job' ? 'jobs' : (kinds[kind.kind as KindName]?.plural ?? '');
  const object = { apiVersion, kind: kind.kind, metadata: { name: `${name.slice(0, 50)}-x`, namespace, labels, ownerReferences }, spec };
  return { collection: `/apis/${apiVersion}/namespaces/kubernaut-system/${plural}`, object: withoutUids(object) };
}

/** The Job controller ties a Job to its pods by its uid, and takes it from nobody. */
function withoutUids(object: object): object {
  const isTie = (key: string) => /^(batch\.kubernetes\.io\/|controller-uid$|job-name$|selector$)/.test(key);
  return JSON.parse(JSON.stringify(object, (key, value: unknown) => (isTie(key) ? undefined : value))) as object;
}
