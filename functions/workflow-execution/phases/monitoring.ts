import { addSeconds, isAfter, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { isCancelRequested } from '../../../shared/reconciler/children.ts';
import { nothing, type Decision, type Phase } from '../../../shared/reconciler/phase.ts';
import { audit, transition } from '../../../shared/reconciler/transition.ts';
import { cancelled, durationPatch, stop } from '../ending.ts';
import { noExecutions, readExecutions, type Executions, type Ports } from '../executions.ts';
import { monitoringGraceSeconds } from '../plan.ts';
import { instability, readOutcomes, tickEverySeconds, type OutcomeWorld } from '../stability.ts';
import { statusesOf, type Failure } from '../steps.ts';

/** `outcomes` null: no tick is due, so nothing was asked. */
export interface Observed {
  readonly executions: Executions;
  readonly outcomes: readonly OutcomeWorld[] | null;
}

/** What the steps achieved is judged again, as a read, until the window is over. A tick that finds nothing new writes nothing. */
export const monitoring: Phase<WorkflowExecution, Observed, Ports> = {
  async observe(workflow, ports, now) {
    const isCancelled = isCancelRequested(workflow);
    if (!isCancelled && !isDue(workflow, now)) return { executions: noExecutions, outcomes: null };
    const executions = await readExecutions(ports, statusesOf(workflow));
    if (isCancelled) return { executions, outcomes: null };
    return { executions, outcomes: await readOutcomes(workflow, executions, ports) };
  },

  decide(workflow, { executions, outcomes }, now) {
    if (isCancelRequested(workflow)) return halt(workflow, cancelled, executions, now);
    if (outcomes === null) return nothing;
    const failure = missingExecution(workflow, executions) ?? unstable(outcomes);
    if (failure !== null) return halt(workflow, failure, executions, now);
    return windowIsOver(workflow, now) ? complete(workflow, now) : nothing;
  },

  /** Checks that cannot be read are no instability: they end the workflow, and undo nothing. */
  deadline: ({ status }) => (status?.monitoring === undefined ? null : addSeconds(status.monitoring.until, monitoringGraceSeconds)),
};

/** The pass that our own write wakes comes at once, and would only repeat what the executions have just verified. */
function isDue(workflow: WorkflowExecution, now: Instant): boolean {
  const startedAt = workflow.status?.monitoring?.startedAt ?? now;
  return windowIsOver(workflow, now) || secondsBetween(startedAt, now) >= tickEverySeconds;
}

function windowIsOver({ status }: WorkflowExecution, now: Instant): boolean {
  return !isAfter(status?.monitoring?.until ?? now, now);
}

function unstable(outcomes: readonly OutcomeWorld[]): Failure | null {
  const message = instability(outcomes);
  return message === null ? null : { reason: 'post_execution_instability', message };
}

/** Without its record nobody knows what a step was to keep. */
function missingExecution(workflow: WorkflowExecution, executions: Executions): Failure | null {
  const { steps } = workflow.spec.workflowDefinition;
  const step = steps.find(({ name, criticalStep }) => criticalStep && executions.get(name) === null);
  return step === undefined
    ? null
    : { reason: 'execution_missing', message: `the KubernetesExecution of step ${step.name} is gone: its outcome cannot be judged` };
}

function halt(workflow: WorkflowExecution, failure: Failure, executions: Executions, now: Instant): Decision {
  const { reason, message } = failure;
  const statuses = statusesOf(workflow);
  const monitored = { endedAt: now, message };
  if (reason !== 'post_execution_instability') return stop(workflow, { failure, statuses, executions, telling: { status: { monitoring: monitored } } }, now);
  return stop(
    workflow,
    {
      failure,
      statuses,
      executions,
      telling: {
        status: { monitoring: { ...monitored, result: 'unstable' } },
        conditions: [{ type: 'Stable', status: 'False', reason: 'PostExecutionInstability', message }],
        audits: [audit({ type: 'workflow.unstable', reason, message }, 'monitoring', 'monitoring')],
        events: [{ kind: 'EmitEvent', type: 'Warning', reason: 'WorkflowUnstable', message }],
      },
    },
    now,
  );
}

function complete(workflow: WorkflowExecution, now: Instant): Decision {
  const statuses = statusesOf(workflow);
  const completed = statuses.filter(({ phase }) => phase === 'completed');
  const message = `${completed.length} of ${statuses.length} steps completed and stayed stable`;
  const results = completed.flatMap(({ executionResults }) => executionResults?.message ?? []).join('; ');
  return {
    effects: transition(
      workflow,
      {
        to: 'completed',
        message,
        status: { overallSuccess: true, monitoring: { endedAt: now, result: 'stable', message }, ...durationPatch(workflow, now) },
        conditions: [{ type: 'Stable', status: 'True', reason: 'Stable', message }],
        audit: { type: 'workflow.completed', payload: { steps: statuses.map(({ stepName, phase }) => ({ stepName, phase })) } },
        event: { type: 'Normal', reason: 'WorkflowCompleted', message: `Workflow execution completed successfully: ${results === '' ? message : results}` },
      },
      now,
    ),
  };
}
