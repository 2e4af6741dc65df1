import { access as aiAnalysis } from '../../functions/ai-analysis/access.ts';
import { access as alertIntake } from '../../functions/alert-intake/access.ts';
import { access as kubernetesExecution } from '../../functions/kubernetes-execution/access.ts';
import { access as remediationOrchestrator } from '../../functions/remediation-orchestrator/access.ts';
import { access as remediationProcessing } from '../../functions/remediation-processing/access.ts';
import { access as sweeper } from '../../functions/sweeper/access.ts';
import { access as workflowExecution } from '../../functions/workflow-execution/access.ts';
import { actionNames, actions, serviceAccountOf } from '../../shared/actions/index.ts';
import type { AnyAction } from '../../shared/actions/action.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { dashed } from '../../shared/api/names.ts';
import type { RoomAccess } from '../../shared/kubernetes/access.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import type { Identity } from './identity.ts';
import { rulesBeyond } from './policy-rules.ts';

/** Every room that reaches the cluster, by its folder. */
export const rooms: Readonly<Record<string, RoomAccess>> = {
  'alert-intake': alertIntake,
  'remediation-orchestrator': remediationOrchestrator,
  'remediation-processing': remediationProcessing,
  'ai-analysis': aiAnalysis,
  'workflow-execution': workflowExecution,
  'kubernetes-execution': kubernetesExecution,
  sweeper,
};

/** One for each action, with exactly its rules. Targets live in any namespace, so the rules hold in all; the protected ones are closed by admission. */
export function actionIdentity({ name, rbac }: AnyAction): Identity {
  return { name: serviceAccountOf(name), role: `kubernaut-action-${dashed(name)}`, namespaced: [], cluster: rbac };
}

/** What the rooms say, what the catalogue wants read, the right to rehearse as an action's identity, by name, and the right to own children. */
export function functionsIdentity(): Identity {
  const access = Object.values(rooms);
  const cluster = [...access.flatMap((room) => room.cluster), ...actions.flatMap(({ reads }) => reads)];
  const namespaced = [...access.flatMap((room) => room.namespaced), impersonateActions(), ...ownChildren()];
  return {
    name: 'kubernaut-functions',
    role: 'kubernaut-functions',
    automountServiceAccountToken: false,
    namespaced: rulesBeyond(namespaced, cluster),
    cluster,
  };
}

/** It forwards keys and writes nothing. */
export function watcherIdentity(): Identity {
  const ours = Object.values(kinds).map(({ group, plural }) => ({ apiGroups: [group], resources: [plural], verbs: ['list', 'watch'] }));
  const jobs = { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'watch'] };
  return { name: 'kubernaut-watcher', role: 'kubernaut-watcher', namespaced: [...ours, jobs], cluster: [] };
}

function impersonateActions(): PolicyRule {
  return { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'], resourceNames: actionNames.map(serviceAccountOf) };
}

const owners = ['RemediationRequest', 'WorkflowExecution', 'KubernetesExecution'] as const;

/**
 * Our children hold up the foreground deletion of their owner. A cluster with the admission plugin OwnerReferencesPermissionEnforcement
 * (OpenShift has it by default) takes such a reference only from who may set the owner's finalizers, and refuses the child otherwise.
 */
function ownChildren(): readonly PolicyRule[] {
  return owners.map((kind) => ({ apiGroups: [kinds[kind].group], resources: [`${kinds[kind].plural}/finalizers`], verbs: ['update'] }));
}
