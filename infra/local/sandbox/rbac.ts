import { isJsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { AccessAttributes } from './extension.ts';
import type { UserInfo } from './sandbox.ts';

/** A rule of a Role or ClusterRole, with every list present. */
export interface RbacRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  /** Of a ServiceAccount; empty otherwise. */
  readonly namespace: string;
}

/** A RoleBinding or a ClusterRoleBinding. */
export interface Binding {
  readonly roleKind: string;
  readonly roleName: string;
  readonly subjects: readonly Subject[];
}

/** What makes the superuser: RBAC is not asked for it. */
export const mastersGroup = 'system:masters';

export function serviceAccountUsername(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Null for a user name that is no ServiceAccount's. */
export function serviceAccountOf(username: string): { readonly namespace: string; readonly name: string } | null {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  return match?.[1] === undefined || match[2] === undefined ? null : { namespace: match[1], name: match[2] };
}

/** The groups that an API server derives for a ServiceAccount. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

export function rulesOf(role: KubernetesObject): readonly RbacRule[] {
  return objectsIn(role['rules']).map((rule) => ({
    verbs: stringsIn(rule['verbs']),
    apiGroups: stringsIn(rule['apiGroups']),
    resources: stringsIn(rule['resources']),
    resourceNames: stringsIn(rule['resourceNames']),
    nonResourceURLs: stringsIn(rule['nonResourceURLs']),
  }));
}

export function bindingOf(object: KubernetesObject): Binding {
  const role = isJsonObject(object['roleRef']) ? object['roleRef'] : {};
  return {
    roleKind: textOf(role['kind']),
    roleName: textOf(role['name']),
    subjects: objectsIn(object['subjects']).map(({ kind, name, namespace }) => ({ kind: textOf(kind), name: textOf(name), namespace: textOf(namespace) })),
  };
}

export function ruleAllows(rule: RbacRule, attributes: AccessAttributes): boolean {
  if (!allows(rule.verbs, attributes.verb)) return false;
  const path = attributes.nonResourcePath;
  if (path !== undefined)
    return rule.nonResourceURLs.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))));
  return allows(rule.apiGroups, attributes.group) && resourceMatches(rule, attributes) && nameMatches(rule, attributes.name);
}

export function subjectIs(subject: Subject, user: UserInfo, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.username;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount':
      return serviceAccountUsername(subject.namespace || bindingNamespace, subject.name) === user.username;
    default:
      return false;
  }
}

/** `*` and `deployments/scale` match whole, and a rule's `*` followed by `/scale` any resource's scale. */
function resourceMatches({ resources }: RbacRule, { resource, subresource }: AccessAttributes): boolean {
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  return allows(resources, wanted) || (subresource !== '' && resources.includes(`*/${subresource}`));
}

/** Names bind only requests that have one: a rule with names never allows list, watch or create. */
function nameMatches({ resourceNames }: RbacRule, name: string): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name);
}

function allows(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted);
}

function objectsIn(value: unknown) {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function stringsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
