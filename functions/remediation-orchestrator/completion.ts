import type { RemediationRequest, WorkflowResults } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { alertIsResolved } from './alert-state.ts';
import { complete } from './ending.ts';
import type { Settings } from './settings.ts';

/** The workflow completed: its results are the request's. Whether that remedied anything, only the alert can tell. */
export function completeWithWorkflow(request: RemediationRequest, { spec, status }: WorkflowExecution, settings: Settings, now: Instant): Decision {
  const completionTime = status?.completionTime ?? now;
  const { action } = spec.aiRecommendation;
  if (status?.reason === 'dry_run_only') {
    const message = `Suggested ${action}: ${status.message ?? 'dry run, nothing was changed'}`;
    return complete(request, { reason: 'dry_run_only', succeededReason: 'DryRunOnly', message, outcome: 'suggested', completionTime }, settings, now);
  }
  const workflowResults = resultsOf(status);
  const { stepsExecuted, duration } = workflowResults;
  const steps = `${stepsExecuted} ${stepsExecuted === 1 ? 'step' : 'steps'}${duration === undefined ? '' : ` in ${duration}`}`;
  const message = `Alert remediation workflow completed successfully: ${action}, ${steps}`;
  const outcome = alertIsResolved(request) ? { outcome: 'remediated' as const } : {};
  return complete(request, { message, status: { workflowResults }, ...outcome, completionTime }, settings, now);
}

function resultsOf(status: WorkflowExecution['status']): WorkflowResults {
  const { stepStatuses = [], executionPlan, overallSuccess } = status ?? {};
  const duration = executionPlan?.actualDuration;
  return {
    success: overallSuccess ?? true,
    stepsExecuted: stepStatuses.filter(({ phase }) => phase === 'completed').length,
    ...(duration !== undefined && { duration }),
  };
}
