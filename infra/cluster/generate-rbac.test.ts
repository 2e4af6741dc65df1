import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { actions } from '../../shared/actions/index.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import { rbacFiles } from './generate-rbac.ts';
import { rooms } from './identities.ts';

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

const root = new URL('../../', import.meta.url);
const documents = [...rbacFiles().values()].flatMap((content) => parseAllDocuments(content).map((document) => document.toJS() as Document));

/** All that the bindings give a ServiceAccount of ours, where they give it. */
function rulesOf(account: string): readonly (PolicyRule & { readonly where: 'namespaced' | 'cluster' })[] {
  const bindings = documents.filter(({ subjects = [] }) =>
    subjects.some(({ kind, name, namespace }) => kind === 'ServiceAccount' && name === account && namespace === 'kubernaut-system'),
  );
  return bindings.flatMap(({ kind, roleRef }) => {
    const role = documents.find((document) => document.kind === roleRef?.kind && document.metadata.name === roleRef.name);
    return (role?.rules ?? []).map((rule) => ({ ...rule, where: kind === 'RoleBinding' ? ('namespaced' as const) : ('cluster' as const) }));
  });
}

describe('infra/cluster/rbac', () => {
  it.each([...rbacFiles()])('%s is what the catalogue and the rooms say', (path, content) => {
    expect(readFileSync(new URL(path, root), 'utf8')).toBe(content);
  });

  it('holds no file that nobody generates', () => {
    const files = readdirSync(new URL('infra/cluster/rbac/', root)).map((name) => `infra/cluster/rbac/${name}`);
    expect(files.toSorted()).toEqual([...rbacFiles().keys()].toSorted());
  });

  it('forgets no room', () => {
    const folders = readdirSync(new URL('functions/', root)).filter((name) => existsSync(new URL(`functions/${name}/access.ts`, root)));
    expect(Object.keys(rooms).toSorted()).toEqual(folders.toSorted());
  });

  it('binds every role but those for people, and every binding has its role and its account', () => {
    const forPeople = ['kubernaut-viewer', 'kubernaut-operator'];
    const roles = documents.filter(({ kind, metadata }) => kind.endsWith('Role') && !forPeople.includes(metadata.name));
    const bindings = documents.filter(({ kind }) => kind.endsWith('Binding'));
    expect(bindings.map(({ roleRef }) => `${roleRef?.kind} ${roleRef?.name}`).toSorted()).toEqual(
      roles.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(),
    );
    const accounts = documents.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts.filter((account) => rulesOf(account).length === 0)).toEqual([]);
  });

  it('has no wildcard, no Secret, no way to more rights', () => {
    const rules = documents.flatMap((document) => document.rules ?? []);
    const forbidden = [
      '*',
      'secrets',
      'serviceaccounts/token',
      'roles',
      'clusterroles',
      'rolebindings',
      'clusterrolebindings',
      'pods/exec',
      'pods/attach',
      'userextras',
      'users',
      'groups',
    ];
    expect(rules.filter(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs].some((word) => forbidden.includes(word)))).toEqual([]);
    expect(rules.filter(({ verbs }) => verbs.some((verb) => ['bind', 'escalate', 'deletecollection'].includes(verb)))).toEqual([]);
  });

  it.each(actions)('gives the identity of $name what it declares, and nothing in our namespace', ({ name, rbac }) => {
    const account = `${name.replaceAll('_', '-')}-sa`;
    const granted = rulesOf(account);
    const pairs = (rules: readonly PolicyRule[]) =>
      rules
        .flatMap(({ apiGroups, resources, verbs }) =>
          apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
        )
        .toSorted();
    expect(pairs(granted)).toEqual(pairs(rbac));
    expect(granted.every(({ where }) => where === 'cluster')).toBe(true);
  });

  it('lets the functions write nothing outside their own namespace but access reviews', () => {
    const writes = rulesOf('kubernaut-functions').filter(({ where, verbs }) => where === 'cluster' && verbs.some((verb) => !['get', 'list'].includes(verb)));
    expect(writes.map(({ resources, verbs }) => [resources, verbs])).toEqual([[['subjectaccessreviews'], ['create']]]);
  });

  it('lets the functions act as the actions only, each by its name', () => {
    const impersonation = rulesOf('kubernaut-functions').filter(({ verbs }) => verbs.includes('impersonate'));
    const resourceNames = actions.map(({ name }) => `${name.replaceAll('_', '-')}-sa`).toSorted();
    expect(impersonation).toEqual([{ apiGroups: [''], resources: ['serviceaccounts'], resourceNames, verbs: ['impersonate'], where: 'namespaced' }]);
  });

  it('lets the functions hold up the deletion of what owns a child of theirs, where a cluster asks for that', () => {
    const finalizers = rulesOf('kubernaut-functions').filter(({ resources }) => resources.some((resource) => resource.endsWith('/finalizers')));
    expect(finalizers.flatMap(({ resources, verbs, where }) => resources.map((resource) => `${where} ${verbs.join()} ${resource}`)).toSorted()).toEqual([
      'namespaced update kubernetesexecutions/finalizers',
      'namespaced update remediationrequests/finalizers',
      'namespaced update workflowexecutions/finalizers',
    ]);
  });

  it('lets the watcher list and watch our kinds and our Jobs, and do nothing else', () => {
    const rules = rulesOf('kubernaut-watcher');
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list', 'watch']));
    expect(rules.every(({ where }) => where === 'namespaced')).toBe(true);
    expect(rules.flatMap(({ resources }) => resources).toSorted()).toEqual([
      'aianalyses',
      'jobs',
      'kubernetesexecutions',
      'remediationprocessings',
      'remediationrequests',
      'workflowexecutions',
    ]);
  });
});
