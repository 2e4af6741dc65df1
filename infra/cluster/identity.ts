import { defaultNamespace, fieldManager, managedByLabel } from '../../shared/api/labels.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import { mergedRules } from './policy-rules.ts';

/** A Kubernetes object as it is written to a file. */
export type Manifest = Readonly<Record<string, unknown>>;

/** On everything that is installed. */
export const manifestLabels = { [managedByLabel]: fieldManager };
const rbacGroup = 'rbac.authorization.k8s.io';
const rbacVersion = `${rbacGroup}/v1`;

/** One identity of ours and all that it may do. */
export interface Identity {
  /** Of its ServiceAccount. */
  readonly name: string;
  /** Of its roles and bindings. */
  readonly role: string;
  /** Whether its pods get a token; what runs outside the cluster needs none there. */
  readonly automountServiceAccountToken?: false;
  /** In our namespace. */
  readonly namespaced: readonly PolicyRule[];
  /** In every namespace. */
  readonly cluster: readonly PolicyRule[];
}

export function namespaceManifest(): Manifest {
  // Executor Jobs meet the strictest standard, so anything that does not is a stranger here.
  const podSecurity = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: defaultNamespace, labels: { ...manifestLabels, ...podSecurity } } };
}

/** ServiceAccount, Role and ClusterRole with their bindings; a role without rules is left out. */
export function identityManifests({ name, role, namespaced, cluster, ...account }: Identity): readonly Manifest[] {
  const subjects = [{ kind: 'ServiceAccount', name, namespace: defaultNamespace }];
  const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: defaultNamespace, labels: manifestLabels }, ...account };
  return [
    serviceAccount,
    ...bound({ kind: 'Role', metadata: { name: role, namespace: defaultNamespace, labels: manifestLabels }, rules: namespaced, subjects }),
    ...bound({ kind: 'ClusterRole', metadata: { name: role, labels: manifestLabels }, rules: cluster, subjects }),
  ];
}

interface BoundRole {
  readonly kind: 'Role' | 'ClusterRole';
  readonly metadata: Manifest & { readonly name: string };
  readonly rules: readonly PolicyRule[];
  readonly subjects: readonly Manifest[];
}

function bound({ kind, metadata, rules, subjects }: BoundRole): readonly Manifest[] {
  if (rules.length === 0) return [];
  return [
    { apiVersion: rbacVersion, kind, metadata, rules: mergedRules(rules) },
    { apiVersion: rbacVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup: rbacGroup, kind, name: metadata.name }, subjects },
  ];
}
