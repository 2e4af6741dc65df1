import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actionNames, serviceAccountOf } from '../../shared/actions/index.ts';
import { judge, uncompilable } from '../../test/support/admission-policies.ts';
import { aStolenJob, jobsAsBuilt, thefts } from '../../test/support/stolen-jobs.ts';
import { actionOriginPolicy, actionReachPolicy } from './action-policies.ts';
import { admissionPolicies, policyFiles } from './generate-policies.ts';
import { functionsIdentity, watcherIdentity } from './identities.ts';
import { jobShapePolicy } from './job-policy.ts';
import { plainSettings } from './policy-settings.ts';

const root = new URL('../../', import.meta.url);
const ours = (account: string) => ({ username: `system:serviceaccount:kubernaut-system:${account}`, groups: ['system:serviceaccounts'] });
const fromPod = { extra: { 'authentication.kubernetes.io/pod-name': ['ke-scale-deployment-1a2b3c4d-x7k2p'] } };
const deployments = { group: 'apps', version: 'v1', resource: 'deployments' };

describe('infra/cluster/policies', () => {
  it.each([...policyFiles()])('%s is what the code says', (path, content) => {
    expect(readFileSync(new URL(path, root), 'utf8'), 'run: npm run generate').toBe(content);
  });

  it('holds no file that nobody generates', () => {
    const files = readdirSync(new URL('infra/cluster/policies/', root)).map((name) => `infra/cluster/policies/${name}`);
    expect(files.toSorted()).toEqual([...policyFiles().keys()].toSorted());
  });

  it.each(admissionPolicies(plainSettings))('$name is CEL', (policy) => {
    expect(uncompilable(policy)).toEqual([]);
  });
});

describe('a request by an action account', () => {
  const policy = actionOriginPolicy(plainSettings);
  const asked = (user: object, more: object = {}) => ({
    request: { operation: 'UPDATE', resource: deployments, namespace: 'production', userInfo: user, ...more },
  });

  it.each([
    ['by impersonation', asked(ours('scale-deployment-sa'))],
    ['with a token that no pod holds', asked({ ...ours('restart-pod-sa'), extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1'] } })],
    ['that says outright it is no dry run', asked(ours('scale-deployment-sa'), { dryRun: false })],
    ['of an action that is not in the catalogue yet', asked(ours('cordon-node-sa'))],
  ])('is refused %s', (_sentence, request) => {
    expect(judge(policy, request)).toEqual([expect.stringContaining('create a RemediationRequest instead')]);
  });

  it('passes as a dry run, and from a pod', () => {
    expect(judge(policy, asked(ours('scale-deployment-sa'), { dryRun: true }))).toEqual([]);
    expect(judge(policy, asked({ ...ours('scale-deployment-sa'), ...fromPod }))).toEqual([]);
  });

  it.each([
    ['the functions', ours('kubernaut-functions')],
    ['the watcher', ours('kubernaut-watcher')],
    ['an account of that name in another namespace', { username: 'system:serviceaccount:production:scale-deployment-sa' }],
    ['a person', { username: 'alice@example.com', groups: [] }],
    ['nobody at all', {}],
  ])('is not what %s makes', (_sentence, user) => {
    expect(judge(policy, asked(user))).toBeNull();
  });

  it('is told by the name that every action account has, and no other account of ours', () => {
    const judged = (account: string) => judge(policy, asked(ours(account)));
    expect(actionNames.filter((name) => judged(serviceAccountOf(name)) === null)).toEqual([]);
    expect([functionsIdentity(), watcherIdentity()].filter(({ name }) => judged(name) !== null)).toEqual([]);
  });
});

describe('the reach of an action account', () => {
  const policy = actionReachPolicy(plainSettings);
  const asked = (where: object) => ({
    request: { operation: 'UPDATE', resource: deployments, userInfo: { ...ours('scale-deployment-sa'), ...fromPod }, ...where },
  });

  it.each(['kube-system', 'kube-public', 'kube-node-lease', 'kubernaut-system'])('ends at %s, for a dry run too', (namespace) => {
    expect(judge(policy, asked({ namespace, dryRun: true }))).toEqual([expect.stringContaining('protected')]);
  });

  it.each([
    ['a ClusterRole', { resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' } }],
    ['a Namespace', { namespace: 'production', resource: { group: '', version: 'v1', resource: 'namespaces' } }],
  ])('ends at %s', (_sentence, where) => {
    expect(judge(policy, asked(where))).toEqual([expect.stringContaining('nodes only')]);
  });

  it.each([
    ['any other namespace', { namespace: 'production' }],
    ['a node', { resource: { group: '', version: 'v1', resource: 'nodes' } }],
    ['a review', { resource: { group: 'authorization.k8s.io', version: 'v1', resource: 'selfsubjectaccessreviews' } }],
  ])('holds %s', (_sentence, where) => {
    expect(judge(policy, asked(where))).toEqual([]);
  });
});

describe('a Job by the functions', () => {
  const policy = jobShapePolicy(plainSettings);
  const request = { operation: 'CREATE', namespace: 'kubernaut-system', userInfo: ours('kubernaut-functions') };

  it.each(Object.entries(jobsAsBuilt))('passes as it is built: %s', (_sentence, object) => {
    expect(judge(policy, { request, object })).toEqual([]);
  });

  it.each(thefts)('is refused with %s', (_attempt, change, words) => {
    expect(judge(policy, { request, object: aStolenJob(change) })).toContainEqual(expect.stringContaining(words));
  });

  it('has no spare rule: each refuses something that every other one lets pass', () => {
    const refusedByOne = thefts.map(([, change]) => judge(policy, { request, object: aStolenJob(change) }) ?? []).filter(({ length }) => length === 1);
    const [onNamespace, ...others] = policy.rules.slice(0, -1).map(({ message }) => message);
    expect(onNamespace).toContain('in kubernaut-system only');
    expect(others.filter((message) => !refusedByOne.flat().includes(message))).toEqual([]);
  });

  it('is refused in another namespace', () => {
    expect(judge(policy, { request: { ...request, namespace: 'production' }, object: aStolenJob(() => undefined) })).toEqual([
      expect.stringContaining('in kubernaut-system only'),
    ]);
  });

  it('may lose its finalizer, also when another image is pinned by now', () => {
    const oldObject = aStolenJob(({ container }) => (container['image'] = 'registry.k8s.io/kubectl:v1.35.1'));
    const object = { ...oldObject, metadata: { ...oldObject.metadata, finalizers: [] } };
    expect(judge(policy, { request: { ...request, operation: 'UPDATE' }, object, oldObject })).toEqual([]);
  });

  it.each<[string, Parameters<typeof aStolenJob>[0]]>([
    ['is resumed', ({ spec }) => (spec['suspend'] = false)],
    ['gets more pods', ({ spec }) => (spec['parallelism'] = 5)],
    ['gets another label', ({ metadata }) => (metadata['labels'] = {})],
    ['is said to be void', ({ metadata }) => (metadata['annotations'] = { 'kubernaut.io/void': 'cancelled' })],
    ['is given away', ({ metadata }) => (metadata['ownerReferences'] = [])],
  ])('is left as it is: refused when it %s', (_sentence, change) => {
    const oldObject = aStolenJob(({ spec }) => (spec['suspend'] = true));
    const object = aStolenJob((parts) => [(parts.spec['suspend'] = true), change(parts)]);
    expect(judge(policy, { request: { ...request, operation: 'UPDATE' }, object, oldObject })).toEqual([expect.stringContaining('the finalizers only')]);
  });

  it('is judged by its maker: by user name, or by a group that the cluster maps', () => {
    const object = aStolenJob(({ container }) => (container['image'] = 'alpine'));
    const mapped = jobShapePolicy({ ...plainSettings, functionsUsers: '[]', functionsGroups: '["kubernaut:functions"]' });
    const byRole = { username: 'arn:aws:sts::123456789012:assumed-role/kubernaut/pass', groups: ['kubernaut:functions', 'system:authenticated'] };
    expect(judge(mapped, { request: { ...request, userInfo: byRole }, object })).toHaveLength(1);
    expect(judge(mapped, { request, object })).toBeNull();
    expect(judge(policy, { request: { ...request, userInfo: { username: 'alice@example.com' } }, object })).toBeNull();
  });
});
