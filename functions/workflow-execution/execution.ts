import type { BoundAction } from '../../shared/actions/action.ts';
import { parseAction } from '../../shared/actions/index.ts';
import type { ExecutionSpec } from '../../shared/api/kubernetes-execution.ts';
import { actionLabel } from '../../shared/api/labels.ts';
import { dashed, executionName, rollbackExecutionName } from '../../shared/api/names.ts';
import { controllerOf, ownerReferenceTo, refOf, type BoundRef, type KubernetesObject, type ObjectRef } from '../../shared/api/object-ref.ts';
import { formatDuration } from '../../shared/api/time.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import { timeoutSecondsOf } from './plan.ts';
import type { Undo } from './rollback.ts';

const executionKind = { apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution' } as const;

/** The execution that carries out a step: all it needs is in its spec, so that it never looks its workflow up but for the permission to act. */
export function stepExecution(workflow: WorkflowExecution, step: WorkflowStep): KubernetesObject {
  const parsed = parseAction(step.action, step.parameters);
  const targetUid = workflow.status?.validationResults?.steps?.find(({ stepName }) => stepName === step.name)?.targetUid ?? '';
  return execution(workflow, executionName(workflow.metadata.name, step.name), {
    actionType: step.action,
    actionParams: step.parameters,
    // A catalogue that is newer than the plan may not know the action any more: then the execution fails with the reason.
    ...targetFields(workflow, parsed.kind === 'known' ? parsed.action.target : undefined),
    timeout: formatDuration(timeoutSecondsOf(step)),
    stepName: step.name,
    targetUid,
  });
}

/** The execution that undoes a step. Where it acts on what the step changed, it is bound to that very object. */
export function undoExecution(workflow: WorkflowExecution, { stepName, timeout, original }: Undo, action: BoundAction): KubernetesObject {
  return execution(workflow, rollbackExecutionName(workflow.metadata.name, stepName), {
    actionType: action.name,
    actionParams: action.parameters,
    ...targetFields(workflow, action.target),
    timeout,
    stepName,
    targetUid: isSameObject(original.spec.target, action.target) ? original.spec.targetUid : '',
    rollbackOf: original.metadata.name,
  });
}

function targetFields({ spec }: WorkflowExecution, target: ObjectKey | undefined): Pick<ExecutionSpec, 'target' | 'targetCluster'> {
  return { targetCluster: { name: spec.targetCluster, namespace: target?.namespace ?? '' }, ...(target !== undefined && { target }) };
}

function isSameObject(a: ObjectRef | undefined, b: ObjectKey): boolean {
  return a?.apiVersion === b.apiVersion && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** Labels and trace of the remediation are stamped by the kernel, as on everything that we make. */
function execution(workflow: WorkflowExecution, name: string, spec: ExecutionSpec): KubernetesObject {
  const request = requestRefOf(workflow);
  const { namespace } = workflow.metadata;
  const parents = { workflowExecutionRef: refOf(workflow), ...(request !== null && { remediationRequestRef: request }) };
  return {
    ...executionKind,
    metadata: { name, namespace, labels: { [actionLabel]: dashed(spec.actionType) }, ownerReferences: [ownerReferenceTo(workflow)] },
    spec: { ...spec, ...parents, environment: workflow.spec.environment } satisfies ExecutionSpec,
  };
}

/** The request that this workflow serves: as its spec says, or as its owner reference does. */
function requestRefOf({ spec, metadata }: WorkflowExecution): BoundRef | null {
  if (spec.remediationRequestRef !== undefined) return spec.remediationRequestRef;
  const owner = controllerOf({ metadata });
  if (owner?.kind !== 'RemediationRequest') return null;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, namespace: metadata.namespace, uid: owner.uid };
}
