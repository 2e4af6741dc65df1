import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { StoredObjects } from './extension.ts';
import { bindingOf, rulesOf, serviceAccountUsername, subjectIs, type RbacRule, type Subject } from './rbac.ts';
import type { UserInfo } from './sandbox.ts';

/** A binding joined with the rules of its role. */
export interface Grant {
  /** `RoleBinding "deployer/production"`, as Kubernetes names the source of a permission. */
  readonly source: string;
  readonly subject: Subject;
  /** Empty for a ClusterRoleBinding, which counts in every namespace. */
  readonly namespace: string;
  readonly rules: readonly RbacRule[];
}

export interface RbacIndex {
  /** Grants that can allow something to this user in this namespace ('' for cluster-wide). */
  grantsFor(user: UserInfo, namespace: string): readonly Grant[];
}

const rbacGroup = 'rbac.authorization.k8s.io';
const rbacPlurals = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] as const;
type Snapshot = Readonly<Record<(typeof rbacPlurals)[number], readonly KubernetesObject[]>>;

/** An index over the stored RBAC objects, built anew only when one of them was written: stored objects are frozen, so identity tells. */
export function rbacIndexes(): (objects: StoredObjects) => RbacIndex {
  let seen: { readonly snapshot: Snapshot; readonly index: RbacIndex } | null = null;
  return (objects) => {
    const snapshot = snapshotOf(objects);
    if (seen === null || !sameObjects(seen.snapshot, snapshot)) seen = { snapshot, index: buildIndex(snapshot) };
    return seen.index;
  };
}

function snapshotOf(objects: StoredObjects): Snapshot {
  const list = (plural: string): readonly KubernetesObject[] => objects.list(rbacGroup, plural);
  return { roles: list('roles'), rolebindings: list('rolebindings'), clusterroles: list('clusterroles'), clusterrolebindings: list('clusterrolebindings') };
}

function sameObjects(a: Snapshot, b: Snapshot): boolean {
  return rbacPlurals.every(
    (plural) => a[plural] === b[plural] || (a[plural].length === b[plural].length && a[plural].every((object, position) => object === b[plural][position])),
  );
}

function buildIndex(snapshot: Snapshot): RbacIndex {
  const grants = [...snapshot.clusterrolebindings, ...snapshot.rolebindings].flatMap(grantsOf(snapshot));
  const bySubject = Map.groupBy(grants, subjectKey);
  return {
    grantsFor(user, namespace) {
      const keys = [`User/${user.username}`, ...user.groups.map((group) => `Group/${group}`)];
      const candidates = keys.flatMap((key) => bySubject.get(key) ?? []);
      return candidates.filter((grant) => (grant.namespace === '' || grant.namespace === namespace) && subjectIs(grant.subject, user, grant.namespace));
    },
  };
}

function grantsOf(snapshot: Snapshot): (object: KubernetesObject) => readonly Grant[] {
  const clusterRoles = new Map(snapshot.clusterroles.map((role) => [role.metadata.name, rulesOf(role)]));
  const roles = new Map(snapshot.roles.map((role) => [`${role.metadata.namespace ?? ''}/${role.metadata.name}`, rulesOf(role)]));
  return (object) => {
    const { roleKind, roleName, subjects } = bindingOf(object);
    const namespace = object.metadata.namespace ?? '';
    const rules = roleKind === 'ClusterRole' ? clusterRoles.get(roleName) : roles.get(`${namespace}/${roleName}`);
    // A binding may name a role that does not exist yet: it grants nothing.
    return subjects.map((subject) => ({ source: sourceOf(object, { roleKind, roleName }, subject), subject, namespace, rules: rules ?? [] }));
  };
}

function subjectKey({ subject, namespace }: Grant): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind}/${subject.name}`;
  return `User/${serviceAccountUsername(subject.namespace || namespace, subject.name)}`;
}

/** As in Kubernetes: `RoleBinding "deployer/production" of Role "deployer" to ServiceAccount "scale-deployment-sa/kubernaut-system"`. */
function sourceOf(binding: KubernetesObject, role: { readonly roleKind: string; readonly roleName: string }, subject: Subject): string {
  const { name, namespace } = binding.metadata;
  const bindingName = namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
  const subjectName = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name;
  return `${bindingName} of ${role.roleKind} "${role.roleName}" to ${subject.kind} "${subjectName}"`;
}
