import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobKind } from '../../../infra/local/story/observe.ts';
import { kinds, type KindName } from '../../../shared/api/kinds.ts';
import { auditPolicy, readAuditLog } from '../../support/audit-log.ts';
import { connectControlPlane } from '../../support/control-plane.ts';
import { aRealStack, type RealStack } from '../../support/real-stack.ts';
import { distinct, isDenied, isFor, permissionsOf, without, wordsOf, type Permission, type Role } from '../../support/roles.ts';
import { anInvestigator, cancel, isOver, quick, slow, statusOf, tellEverything } from '../../support/tales.ts';

const accounts = ['kubernaut-functions', 'kubernaut-watcher'];
const users = accounts.map((account) => `system:serviceaccount:kubernaut-system:${account}`);
const role: Role = { kind: 'Role', name: 'kubernaut-functions' };
const clusterRole: Role = { kind: 'ClusterRole', name: 'kubernaut-functions' };
const roles: readonly Role[] = [role, clusterRole, { kind: 'Role', name: 'kubernaut-watcher' }];

/**
 * Permissions without which a remediation fails, and the reason it gives; with those below one for each link of the chain. A remediation for every
 * permission would take half an hour, and all of them are asked of the authorizer further down.
 */
const failing: readonly { readonly permission: Permission; readonly reason: string }[] = [
  { permission: { role, group: kinds.RemediationProcessing.group, resource: 'remediationprocessings', verb: 'create', name: null }, reason: 'child_refused' },
  { permission: { role, group: 'coordination.k8s.io', resource: 'leases', verb: 'create', name: null }, reason: 'child_refused' },
  { permission: { role, group: '', resource: 'serviceaccounts', verb: 'impersonate', name: 'patch-configmap-sa' }, reason: 'dry_run_failed' },
  { permission: { role, group: 'batch', resource: 'jobs', verb: 'create', name: null }, reason: 'step_execution_failed' },
];

/** Permissions without which it stands still; it goes on to its end when they are back. */
const halting: readonly Permission[] = [
  { role: clusterRole, group: 'apps', resource: 'deployments', verb: 'get', name: null },
  { role, group: kinds.AIAnalysis.group, resource: 'aianalyses/status', verb: 'patch', name: null },
  { role: clusterRole, group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verb: 'create', name: null },
];

/** Needed only when something went wrong that no tale here lets go wrong. */
const untold = [
  'Role kubernaut-functions: delete jobs', // a Job that outlives its own deadline
  'Role kubernaut-functions: delete workflowexecutions', // a workflow that ended before any request named it
];

let stack: RealStack;
let directory = '';
const auditLog = () => readAuditLog(join(directory, 'audit.log'));
const deniedTo = (permission: Permission) => async () => auditLog().some((each) => !each.allowed && isFor(permission, each));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-roles-'));
  const audit = { policy: auditPolicy(users), logFile: join(directory, 'audit.log') };
  const variables = { KUBERNAUT_RETRY_BASE_SECONDS: '1', KUBERNAUT_RETRY_MAX_SECONDS: '2', KUBERNAUT_COOLDOWN_SECONDS: '0' };
  // With this plugin an API server asks who makes a child for the right to hold up its owner.
  const apiServer = { audit, admissionPlugins: ['OwnerReferencesPermissionEnforcement'] };
  stack = await aRealStack({ provider: anInvestigator, variables, apiServer });
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('on a real control plane, the roles of functions and watcher', () => {
  it('are enough for whatever is told', async () => {
    await tellEverything(stack);
    expect(auditLog().filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it.each(failing.map((each) => ({ ...each, words: wordsOf(each.permission) })))('fail a remediation without $words', async ({ permission, reason, words }) => {
    const all = await permissionsOf(stack.admin, permission.role);
    const request = await without(stack.admin, permission, all, async () => {
      const made = await stack.alert(`Without ${words}`, { namespace: quick, deployment: 'app' });
      await stack.eventually('the request is over', () => isOver(stack, made));
      return made;
    });
    const message = expect.stringContaining(`cannot ${permission.verb} resource "${permission.resource}"`);
    expect(await statusOf(stack, request)).toMatchObject({ phase: 'failed', reason, message });
  });

  it.each(halting.map((permission) => ({ permission, words: wordsOf(permission) })))('halt a remediation without $words', async ({ permission, words }) => {
    const all = await permissionsOf(stack.admin, permission.role);
    const request = await without(stack.admin, permission, all, async () => {
      const made = await stack.alert(`Without ${words}`, { namespace: quick, deployment: 'app' });
      await stack.eventually(`${words} is missed`, deniedTo(permission));
      expect(await isOver(stack, made)).toBe(false);
      return made;
    });
    await stack.eventually('the request is over', () => isOver(stack, request));
    expect(await statusOf(stack, request)).toMatchObject({ phase: 'completed' });
  });

  it('are asked for in vain while a target cannot be read, and its processing can be cancelled all the same', async () => {
    const permission: Permission = { role: clusterRole, group: '', resource: 'persistentvolumeclaims', verb: 'get', name: null };
    const all = await permissionsOf(stack.admin, permission.role);
    const request = await without(stack.admin, permission, all, async () => {
      const labels = { namespace: slow, 'kubernaut.io/target-kind': 'PersistentVolumeClaim', 'kubernaut.io/target-name': 'gone' };
      const made = await stack.alert('ClaimUnseen', labels);
      await stack.eventually('the claim was asked for', deniedTo(permission));
      await cancel(stack, made);
      const isAsked = async () => auditLog().some(({ verb, resource }) => verb === 'patch' && resource === 'remediationprocessings');
      await stack.eventually('the stage is asked to cancel', isAsked);
      return made;
    });
    await stack.eventually('the request is over', () => isOver(stack, request));
    expect(await statusOf(stack, request)).toMatchObject({ phase: 'cancelled' });
  });

  it('permit nothing that is never needed: each permission that is taken away denies something that was told', async () => {
    const requests = distinct(auditLog().filter(({ allowed }) => allowed));
    const idle: string[] = [];
    for (const each of roles) {
      const all = await permissionsOf(stack.admin, each);
      for (const permission of all.filter(({ resource }) => !resource.endsWith('/finalizers'))) {
        const candidates = requests.filter((request) => isFor(permission, request));
        const isNeeded = candidates.length > 0 && (await without(stack.admin, permission, all, () => isDenied(stack.admin, candidates)));
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
    expect(finalizers.map(({ resource }) => resource).toSorted()).toEqual(Object.keys(children).toSorted());
    for (const permission of finalizers) {
      const child = await anotherOf(children[permission.resource] ?? jobKind);
      const make = async () => (await functions('POST', `${child.collection}?dryRun=All`, { body: child.object })).status;
      expect([permission.resource, await make()]).toEqual([permission.resource, 201]);
      const isMissed = async () => (await make()) === 403;
      await without(stack.admin, permission, all, () => stack.eventually(`${permission.resource} is missed`, isMissed));
    }
  });
});

/** A child of ours as it was made, under another name. */
async function anotherOf(kind: { readonly apiVersion: string; readonly kind: string }): Promise<{ readonly collection: string; readonly object: object }> {
  const [child] = await stack.all(kind);
  if (child === undefined) throw new Error(`there is no ${kind.kind}`);
  const { metadata, spec, apiVersion } = child;
  const { name, namespace, labels, ownerReferences } = metadata;
  const plural = kind.kind === 'Job' ? 'jobs' : kinds[kind.kind as KindName].plural;
  const object = { apiVersion, kind: kind.kind, metadata: { name: `${name.slice(0, 50)}-x`, namespace, labels, ownerReferences }, spec };
  return { collection: `/apis/${apiVersion}/namespaces/kubernaut-system/${plural}`, object: withoutUids(object) };
}

/** The Job controller ties a Job to its pods by its uid, and takes it from nobody. */
function withoutUids(object: object): object {
  const isTie = (key: string) => /^(batch\.kubernetes\.io\/|controller-uid$|job-name$|selector$)/.test(key);
  return JSON.parse(JSON.stringify(object, (key, value: unknown) => (isTie(key) ? undefined : value))) as object;
}
