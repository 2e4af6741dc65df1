import { actions } from '../../shared/actions/index.ts';
import { kinds } from '../../shared/api/kinds.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import { functionsIdentity } from './identities.ts';
import { manifestLabels, type Manifest } from './identity.ts';
import { mergedRules, rulesBeyond } from './policy-rules.ts';

/** What people may do, apart where an installation may leave one out. Nobody is bound to it by us. */
export interface PeopleRules {
  /** Sees every remediation. */
  readonly viewer: readonly PolicyRule[];
  /** Decides, pauses and cancels; the viewer's rules too. */
  readonly operator: readonly PolicyRule[];
  /** Rehearses a plan as `npx kubernaut plan` does: the functions' reads, and dry runs as the actions' accounts. */
  readonly plan: readonly PolicyRule[];
  /** Pauses everything in a namespace. Whoever may patch a Namespace may patch all of it, its environment and its Pod Security too. */
  readonly pauseNamespaces: readonly PolicyRule[];
}

/** Aggregated by the cluster's own `view`, and so by `edit` and `admin`, as other operators have it. */
const viewLabel = 'rbac.authorization.k8s.io/aggregate-to-view';

export function peopleRules(): PeopleRules {
  const operator = [...viewing(), ...deciding()];
  return {
    viewer: mergedRules(viewing()),
    operator: mergedRules(operator),
    plan: mergedRules(rulesBeyond(rehearsing(), operator)),
    pauseNamespaces: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['patch'] }],
  };
}

/** For an installation without Helm, as the chart's own values have it. */
export function peopleManifests(): readonly Manifest[] {
  const { viewer, operator, plan } = peopleRules();
  return [clusterRole('kubernaut-viewer', viewer, { [viewLabel]: 'true' }), clusterRole('kubernaut-operator', [...operator, ...plan])];
}

/**
 * What is ours lives in memory then, but for the locks that others hold: a plan says what it would wait for. Beside a dry run it shows what
 * stands there now, so that a subresource which an action changes is read too.
 */
function rehearsing(): readonly PolicyRule[] {
  const { namespaced, cluster } = functionsIdentity();
  const impersonation = namespaced.filter(({ verbs }) => verbs.includes('impersonate'));
  const subresources = actions.flatMap(({ rbac }) =>
    rbac
      .map(({ apiGroups, resources }) => ({ apiGroups, resources: resources.filter((resource) => resource.includes('/')), verbs: ['get'] }))
      .filter(({ resources }) => resources.length > 0),
  );
  return [...cluster, ...impersonation, ...subresources, { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list'] }];
}

function clusterRole(name: string, rules: readonly PolicyRule[], labels: Readonly<Record<string, string>> = {}): Manifest {
  const metadata = { name, labels: { ...manifestLabels, ...labels } };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules };
}

function viewing(): readonly PolicyRule[] {
  const verbs = ['get', 'list', 'watch'];
  const ours = Object.values(kinds).map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs }));
  return [...ours, { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs }];
}

/** An annotation decides, two switches pause and cancel: all of it is a patch of what exists. Admission says which. */
function deciding(): readonly PolicyRule[] {
  const { RemediationRequest, WorkflowExecution } = kinds;
  const patched = [RemediationRequest, WorkflowExecution].map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs: ['patch'] }));
  return [...patched, { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list'] }];
}
