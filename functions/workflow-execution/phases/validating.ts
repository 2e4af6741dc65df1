import { upperCamel, type ConditionUpdate } from '../../../shared/api/condition.ts';
import { addSeconds, type Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { WorkflowValidationResults } from '../../../shared/api/workflow-status.ts';
import { isCancelRequested } from '../../../shared/reconciler/children.ts';
import { notPermittedSince } from '../../../shared/reconciler/permission.ts';
import { nothing, type Decision, type Phase } from '../../../shared/reconciler/phase.ts';
import { audit, transition, update } from '../../../shared/reconciler/transition.ts';
import { approvalOf, askForApproval, type ApprovalAnswer } from '../approval.ts';
import { cancelled, fail, type Telling } from '../ending.ts';
import type { Ports } from '../executions.ts';
import { judgeGate, readGate, type Gate } from '../gate.ts';
import { validatingSeconds } from '../plan.ts';
import type { Settings } from '../settings.ts';
import { lookAtSteps } from '../step-world.ts';
import { firstViolation, validationResults, type StepWorld, type ValidationViolation } from '../validation.ts';

/** `steps` null: the checks are done and their results stored. `gate` null: something before it is not settled, so nobody looked. */
export interface Observed {
  readonly steps: readonly StepWorld[] | null;
  readonly gate: Gate | null;
}

/**
 * Checks every step, asks a person where that is wanted, and then for the permission to act. The checks are made once: what the
 * approver saw is what was checked, and each execution looks at the world again before it acts.
 */
export function validating(settings: Settings): Phase<WorkflowExecution, Observed, Ports> {
  return {
    async observe(workflow, ports, now) {
      if (isCancelRequested(workflow)) return { steps: null, gate: null };
      const steps = resultsOf(workflow) === undefined ? await lookAtSteps(workflow, ports) : null;
      const isSound = steps === null || firstViolation(steps, workflow) === null;
      const isFree = isSound && !workflow.spec.dryRun && approvalOf(workflow, now).kind === 'given';
      return { steps, gate: isFree ? await readGate(workflow, ports, now) : null };
    },

    decide(workflow, { steps, gate }, now) {
      if (isCancelRequested(workflow)) return fail(workflow, cancelled, {}, now);
      const violation = steps === null ? null : firstViolation(steps, workflow);
      const results = steps === null ? resultsOf(workflow) : validationResults(steps, workflow, violation);
      if (results === undefined) return nothing;
      if (violation !== null) return refuse(workflow, violation, results, now);
      if (workflow.spec.dryRun) return endDryRun(workflow, results, now);
      const answer = approvalOf(workflow, now);
      switch (answer.kind) {
        case 'unasked':
          return askForApproval(workflow, results, settings, now);
        case 'awaited':
          return { effects: [], wakeAfterSeconds: [answer.wakeAfterSeconds] };
        case 'refused':
          return fail(workflow, answer.failure, answer.telling, now);
        case 'given':
          return gate === null ? nothing : enter(workflow, { results, isNew: steps !== null, answer, gate }, now);
      }
    },

    deadline(workflow) {
      const { phaseStartTime, approval } = workflow.status ?? {};
      if (notPermittedSince(workflow) !== null) return null;
      if (approval !== undefined && approval.decision === undefined) return approval.expiresAt;
      const since = approval?.at ?? phaseStartTime;
      return since === undefined ? null : addSeconds(since, validatingSeconds);
    },
  };
}

function resultsOf({ status }: WorkflowExecution): WorkflowValidationResults | undefined {
  return status?.validationResults;
}

function refuse(workflow: WorkflowExecution, violation: ValidationViolation, results: WorkflowValidationResults, now: Instant): Decision {
  const condition = validated('False', upperCamel(violation.reason), violation.message);
  return fail(workflow, violation, { status: { validationResults: results }, conditions: [condition] }, now);
}

function validated(status: 'True' | 'False', reason: string, message: string): ConditionUpdate {
  return { type: 'Validated', status, reason, message };
}

/** Everything was tried, nothing was changed. Nobody is asked to approve what will not be done. */
function endDryRun(workflow: WorkflowExecution, results: WorkflowValidationResults, now: Instant): Decision {
  const message = `dry run: ${soundSentence(workflow)}, nothing was changed`;
  const row = audit({ type: 'workflow.validated', reason: '', message }, 'validating', 'completed');
  const effects = transition(
    workflow,
    {
      to: 'completed',
      reason: 'dry_run_only',
      succeededReason: 'DryRunOnly',
      message,
      status: { validationResults: results, validationTime: now },
      conditions: [validated('True', 'Completed', message)],
      audit: { type: 'workflow.completed' },
      event: { type: 'Normal', reason: 'WorkflowCompleted', message: `Workflow execution completed successfully: ${message}` },
    },
    now,
  );
  return { effects: [row, ...effects] };
}

function soundSentence({ spec }: WorkflowExecution): string {
  const count = spec.workflowDefinition.steps.length;
  return `${count} of ${count} steps passed every check`;
}

interface Entry {
  readonly results: WorkflowValidationResults;
  /** Not stored yet. */
  readonly isNew: boolean;
  readonly answer: Extract<ApprovalAnswer, { kind: 'given' }>;
  readonly gate: Gate;
}

/** The last moment before acting: the owner must want this workflow, and nobody may have paused it. */
function enter(workflow: WorkflowExecution, { results, isNew, answer, gate }: Entry, now: Instant): Decision {
  const { audits = [], events = [], status, conditions = [] } = answer.telling;
  const judged = judgeGate(workflow, gate, now);
  const telling: Telling = {
    audits,
    events,
    status: { ...status, validationResults: { ...results, approvalReceived: answer.isByPerson } },
    conditions: [...conditions, ...judged.conditions],
  };
  switch (judged.kind) {
    case 'closed':
      return fail(workflow, judged.failure, telling, now);
    case 'waiting': {
      const wakeAfterSeconds = [judged.wakeAfterSeconds];
      const isNews = isNew || judged.isNews || audits.length > 0;
      if (!isNews) return { effects: [], wakeAfterSeconds };
      return { effects: [...audits, update(workflow, telling.status ?? {}, telling.conditions ?? [], now), ...events], wakeAfterSeconds };
    }
    case 'open':
      return enterExecuting(workflow, telling, now);
  }
}

function enterExecuting(workflow: WorkflowExecution, { audits = [], events = [], status, conditions = [] }: Telling, now: Instant): Decision {
  const message = soundSentence(workflow);
  const effects = transition(
    workflow,
    {
      to: 'executing',
      status: { ...status, validationTime: now },
      conditions: [...conditions, validated('True', 'Completed', message)],
      audit: { type: 'workflow.validated', message },
    },
    now,
  );
  return { effects: [...audits, ...effects, ...events] };
}
