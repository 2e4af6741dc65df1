import type { ConditionUpdate } from '../../shared/api/condition.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import { approvedAnotherPlan } from './approval.ts';
import { cancelled } from './ending.ts';
import type { Executions } from './executions.ts';
import { copyVerdicts, criticalFailure, firstReason, runningSteps, skipDependents, skipRest, statusesOf, type Failure } from './steps.ts';

/** Where an executing workflow stands once the verdicts of its executions are copied. */
export interface Outlook {
  readonly statuses: readonly StepStatus[];
  /** Differs from what the status says. */
  readonly isNews: boolean;
  readonly isRunning: boolean;
  /** Why nothing more is started; null: it goes on. */
  readonly failure: Failure | null;
}

export function outlookOf(workflow: WorkflowExecution, running: Executions, now: Instant): Outlook {
  const { steps } = workflow.spec.workflowDefinition;
  const before = statusesOf(workflow);
  const reached = skipDependents(steps, copyVerdicts(before, running, now));
  const failure = failureOf(workflow, reached, running);
  const statuses = failure === null ? reached : skipRest(steps, reached, `not started: ${failure.message}`);
  const isNews =
    statuses.length !== before.length ||
    statuses.some((status, index) => status !== before[index]) ||
    (failure?.reason ?? workflow.status?.reason) !== workflow.status?.reason;
  return { statuses, isNews, isRunning: runningSteps(statuses).length > 0, failure };
}

/** The first reason stays. A child that fails because it was cancelled is not the reason of the cancelling. */
function failureOf(workflow: WorkflowExecution, statuses: readonly StepStatus[], running: Executions): Failure | null {
  const known = firstReason(workflow);
  if (known !== null) return known;
  if (isCancelRequested(workflow)) return cancelled;
  if (approvedAnotherPlan(workflow)) return { reason: 'approval_plan_changed', message: 'the approval was given for another plan than the one that runs' };
  return criticalFailure(workflow.spec.workflowDefinition.steps, statuses, running);
}

/** What a failure says of the approval, beside the verdict. */
export function approvalCondition({ reason, message }: Failure): readonly ConditionUpdate[] {
  return reason === 'approval_plan_changed' ? [{ type: 'Approved', status: 'False', reason: 'ApprovalPlanChanged', message }] : [];
}
