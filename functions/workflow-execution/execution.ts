import type { BoundAction } from '../../shared/actions/action.ts';
import { bindAction } from '../../shared/actions/index.ts';
import type { ExecutionSpec } from '../../shared/api/kubernetes-execution.ts';
import { actionLabel } from '../../shared/api/labels.ts';
import { dashed, executionName, rollbackExecutionName } from '../../shared/api/names.ts';
import { controllerOf, ownerReferenceTo, refOf, type BoundRef, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { formatDuration } from '../../shared/api/time.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import { timeoutSecondsOf } from './plan.ts';
import type { Undo } from './rollback.ts';

const executionKind = { apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution' } as const;

/** The execution that carries out a step: all it needs is in its spec, so that it never looks its workflow up but for the permission to act. */
export function stepExecution(workflow: WorkflowExecution, step: WorkflowStep): KubernetesObject {
  const action = bindAction(step.action, step.parameters);
  const targetUid = workflow.status?.validationResults?.steps?.find(({ stepName }) => stepName === step.name)?.targetUid ?? '';
  const timeout = formatDuration(timeoutSecondsOf(step));
  return execution(workflow, { name: executionName(workflow.metadata.name, step.name), action, step: step.name, timeout, targetUid });
}

/** The execution that undoes a step. Where it acts on what the step changed, it is bound to that very object. */
export function undoExecution(workflow: WorkflowExecution, { stepName, timeout, original }: Undo, action: BoundAction): KubernetesObject {
  const name = rollbackExecutionName(workflow.metadata.name, stepName);
  const changed = bindAction(original.spec.actionType, original.spec.actionParams).target;
  const targetUid = isSameObject(changed, action.target) ? original.spec.targetUid : '';
  return execution(workflow, { name, action, step: stepName, timeout, targetUid, rollbackOf: original.metadata.name });
}

function isSameObject(a: ObjectKey, b: ObjectKey): boolean {
  return a.apiVersion === b.apiVersion && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

interface Wanted {
  readonly name: string;
  readonly action: BoundAction;
  readonly step: string;
  readonly timeout: string;
  readonly targetUid: string;
  readonly rollbackOf?: string;
}

/** Labels and trace of the remediation are stamped by the kernel, as on everything that we make. */
function execution(workflow: WorkflowExecution, wanted: Wanted): KubernetesObject {
  return {
    ...executionKind,
    metadata: {
      name: wanted.name,
      namespace: workflow.metadata.namespace,
      labels: { [actionLabel]: dashed(wanted.action.name) },
      ownerReferences: [ownerReferenceTo(workflow)],
    },
    spec: specOf(workflow, wanted),
  };
}

function specOf(workflow: WorkflowExecution, { action, step, timeout, targetUid, rollbackOf }: Wanted): ExecutionSpec {
  const request = requestRefOf(workflow);
  return {
    actionType: action.name,
    actionParams: action.parameters,
    targetCluster: { name: workflow.spec.targetCluster, namespace: action.target.namespace ?? '' },
    timeout,
    workflowExecutionRef: refOf(workflow),
    ...(request !== null && { remediationRequestRef: request }),
    stepName: step,
    environment: workflow.spec.environment,
    target: action.target,
    targetUid,
    ...(rollbackOf !== undefined && { rollbackOf }),
  };
}

/** The request that this workflow serves: as its spec says, or as its owner reference does. */
function requestRefOf({ spec, metadata }: WorkflowExecution): BoundRef | null {
  if (spec.remediationRequestRef !== undefined) return spec.remediationRequestRef;
  const owner = controllerOf({ metadata });
  if (owner?.kind !== 'RemediationRequest') return null;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, namespace: metadata.namespace, uid: owner.uid };
}
