import type { BoundAction, Violation } from '../../shared/actions/action.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { boundedText } from '../../shared/api/text.ts';
import { WorkflowValidationFailure, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepCheck, StepValidation, WorkflowValidationResults } from '../../shared/api/workflow-status.ts';
import type { AccessReview, DryRun } from '../../shared/kubernetes/ports.ts';
import { firstOf } from '../../shared/planning/graph.ts';
import { parameterSentence } from '../../shared/planning/safety.ts';

/** What was seen for one step. Null: not asked, because a check before it fails for this step or for another one. */
export interface StepWorld {
  readonly stepName: string;
  readonly action: BoundAction;
  readonly access: AccessReview;
  /** `object` null: no such target. */
  readonly target: { readonly object: KubernetesObject | null } | null;
  /** The objects that the preconditions want beside the target. */
  readonly context: readonly (KubernetesObject | null)[];
  readonly dryRun: DryRun | null;
}

export interface ValidationViolation {
  readonly reason: WorkflowValidationFailure;
  readonly message: string;
}

type Check = (steps: readonly StepWorld[], workflow: WorkflowExecution) => ValidationViolation | null;

/** The order is the specification: all steps are judged by one check before the next check is asked. */
const checks: readonly Check[] = [identityMayNotAct, targetIsMissing, preconditionFails, dryRunDidNotPass];

export function firstViolation(steps: readonly StepWorld[], workflow: WorkflowExecution): ValidationViolation | null {
  return firstOf(checks, (check) => check(steps, workflow));
}

function identityMayNotAct(steps: readonly StepWorld[]): ValidationViolation | null {
  const step = steps.find(({ access }) => !access.allowed);
  return step === undefined ? null : violation('rbac_validation_failed', `Insufficient RBAC for step ${step.stepName}: ${step.access.reason}`);
}

/** Closed by default: a target that nobody looked for does not exist. */
function targetIsMissing(steps: readonly StepWorld[]): ValidationViolation | null {
  const step = steps.find(({ target }) => (target?.object ?? null) === null);
  if (step === undefined) return null;
  const { kind, name, namespace } = step.action.target;
  const place = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return violation('resource_not_found', `Target resource not found for step ${step.stepName}: ${kind} ${name}${place}`);
}

function preconditionFails(steps: readonly StepWorld[], { spec }: WorkflowExecution): ValidationViolation | null {
  return firstOf(steps, (step) => {
    const fault = preconditionFault(step);
    if (fault === null) return null;
    const index = spec.workflowDefinition.steps.findIndex(({ name }) => name === step.stepName);
    return violation('precondition_failed', `Precondition of step ${step.stepName} failed: ${parameterSentence(`workflowDefinition.steps[${index}]`, fault)}`);
  });
}

/** The first precondition of the action that does not hold; null when all do, or when there is no target to judge. */
export function preconditionFault({ action, target, context }: Pick<StepWorld, 'action' | 'target' | 'context'>): Violation | null {
  const object = target?.object ?? null;
  return object === null ? null : (action.preconditions(object, context)[0] ?? null);
}

/** Closed by default: a dry run that nobody made is no permission. */
function dryRunDidNotPass(steps: readonly StepWorld[], { spec }: WorkflowExecution): ValidationViolation | null {
  if (!spec.executionStrategy.dryRunFirst) return null;
  const step = steps.find(({ dryRun }) => dryRun?.kind !== 'accepted');
  if (step === undefined) return null;
  const words = step.dryRun?.kind === 'refused' ? step.dryRun.message : 'no dry run was made';
  return violation('dry_run_failed', `Dry-run failed for step ${step.stepName}: ${words}`);
}

/** status.validationResults. A field is absent where its check was not reached, or is not wanted. */
export function validationResults(steps: readonly StepWorld[], { spec }: WorkflowExecution, violated: ValidationViolation | null): WorkflowValidationResults {
  const place = (reason: WorkflowValidationFailure) => WorkflowValidationFailure.indexOf(reason);
  const wasReached = (reason: WorkflowValidationFailure) => violated === null || place(reason) <= place(violated.reason);
  const holds = (reason: WorkflowValidationFailure) => violated?.reason !== reason;
  return {
    rbacValid: holds('rbac_validation_failed'),
    ...(wasReached('resource_not_found') && { resourceAvailable: holds('resource_not_found') }),
    ...(spec.executionStrategy.dryRunFirst && wasReached('dry_run_failed') && { dryRunPassed: holds('dry_run_failed') }),
    approvalReceived: false,
    ...(wasReached('precondition_failed') && { safetyChecksComplete: holds('precondition_failed') }),
    ...(violated !== null && { errorMessage: boundedText(violated.message) }),
    steps: steps.map(stepResults),
  };
}

function stepResults({ stepName, action, access, target, dryRun }: StepWorld): StepValidation {
  const object = target?.object ?? null;
  const output = dryRun === null ? null : dryRunOutput(action, object, dryRun);
  return {
    stepName,
    rbac: checked(access.allowed),
    resource: target === null ? 'skipped' : checked(object !== null),
    ...(object !== null && { targetUid: object.metadata.uid ?? '' }),
    dryRun: dryRun === null ? 'skipped' : checked(dryRun.kind === 'accepted'),
    ...(output !== null && { dryRunOutput: boundedText(output) }),
  };
}

function dryRunOutput(action: BoundAction, target: KubernetesObject | null, dryRun: DryRun): string | null {
  if (dryRun.kind === 'refused') return dryRun.message;
  return target === null ? null : action.dryRunOutput(target);
}

function checked(isPassed: boolean): StepCheck {
  return isPassed ? 'passed' : 'failed';
}

function violation(reason: WorkflowValidationFailure, message: string): ValidationViolation {
  return { reason, message };
}
