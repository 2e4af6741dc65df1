import { upperCamel } from '../../../shared/api/condition.ts';
import { rollbackExecutionName } from '../../../shared/api/names.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { RollbackStep } from '../../../shared/api/workflow-status.ts';
import { created } from '../../../shared/reconciler/effect.ts';
import { nothing, type Decision, type Phase, type Refusal } from '../../../shared/reconciler/phase.ts';
import { audit, update } from '../../../shared/reconciler/transition.ts';
import { durationPatch, fail } from '../ending.ts';
import { undoExecution } from '../execution.ts';
import { noExecutions, readExecutions, type Executions, type Ports } from '../executions.ts';
import { changesToUndo } from '../rollback.ts';
import { firstReason, statusesOf, type Failure } from '../steps.ts';
import { isBusy, nextUndo, pendingSteps, rollbackState, rollbackSteps, settle, type Next, type Settled } from '../undoing.ts';

/** `undoing`: the execution that undoes a step right now. `originals`: of the steps still to be undone; not read while one is being undone. */
export interface Observed {
  readonly undoing: Executions;
  readonly originals: Executions;
}

/** One step at a time, in exact reverse order of completion. Nothing stops it, not even a cancel: a half undone remediation is the worst end. */
export const rollingBack: Phase<WorkflowExecution, Observed, Ports> = {
  async observe(workflow, ports) {
    const steps = rollbackSteps(workflow);
    const undoing = await readExecutions(
      ports,
      steps.filter(({ phase }) => phase === 'executing'),
    );
    const pending = pendingSteps({ steps, statuses: statusesOf(workflow) });
    return { undoing, originals: isBusy(undoing) ? noExecutions : await readExecutions(ports, pending) };
  },

  decide(workflow, { undoing, originals }, now) {
    if (isBusy(undoing)) return nothing;
    const settled = settle(workflow, undoing);
    const next = nextUndo(changesToUndo(workflow, pendingSteps(settled), originals));
    return next.start === null ? finish(workflow, settled, next.passedOver, now) : begin(workflow, settled, { ...next, start: next.start }, now);
  },

  refused: undoRefused,
};

function begin(
  workflow: WorkflowExecution,
  settled: Settled,
  { passedOver, start }: Next & { readonly start: NonNullable<Next['start']> },
  now: Instant,
): Decision {
  const { undo, action } = start;
  const { stepName, parameters } = undo;
  const intent = audit(
    {
      type: 'workflow.rollback',
      reason: '',
      message: `undoing step ${stepName}: ${action.name}`,
      discriminator: `${stepName} begins`,
      payload: { action: action.name, parameters },
    },
    'rolling_back',
    'rolling_back',
  );
  const steps = [...settled.steps, ...passedOver, { stepName, executionRef: created(1), phase: 'executing' }];
  return {
    effects: [
      intent,
      { kind: 'CreateResource', object: undoExecution(workflow, undo, action), whenTaken: 'refused' },
      ...settled.rows,
      update(workflow, { stepStatuses: settled.statuses, rollback: { steps } }, [], now),
    ],
  };
}

/** The verdict is the first reason; that something could not be undone is added to its message. */
function finish(workflow: WorkflowExecution, settled: Settled, passedOver: readonly RollbackStep[], now: Instant): Decision {
  const steps = [...settled.steps, ...passedOver];
  const state = rollbackState(steps);
  const isWhole = state === 'completed';
  const said = isWhole ? `rolled back ${namesOf(steps)}` : `rollback_failed: ${failuresOf(steps)}`;
  const first: Failure = firstReason(workflow) ?? { reason: 'rollback_failed', message: 'the first reason is lost' };
  const condition = { type: 'RolledBack', status: isWhole ? ('True' as const) : ('False' as const), reason: upperCamel(state), message: said };
  const row = audit(
    { type: 'workflow.rollback', reason: isWhole ? '' : 'rollback_failed', message: said, discriminator: 'end', payload: { state } },
    'rolling_back',
    'failed',
  );
  return fail(
    workflow,
    { reason: first.reason, message: `${first.message}; ${said}` },
    {
      status: { stepStatuses: settled.statuses, rollback: { state, steps }, ...durationPatch(workflow, now) },
      conditions: [condition],
      audits: [...settled.rows, row],
      events: [{ kind: 'EmitEvent', type: isWhole ? 'Normal' : 'Warning', reason: isWhole ? 'RollbackCompleted' : 'RollbackFailed', message: said }],
    },
    now,
  );
}

function namesOf(steps: readonly RollbackStep[]): string {
  return steps.map(({ stepName }) => stepName).join(', ');
}

function failuresOf(steps: readonly RollbackStep[]): string {
  return steps.flatMap(({ stepName, phase, reason }) => (phase === 'completed' ? [] : [`${stepName}: ${reason ?? phase}`])).join(', ');
}

/** The API will not have the execution that would undo a step: recorded, and the rest goes on. */
function undoRefused(workflow: WorkflowExecution, { effect }: Refusal, now: Instant): Decision | null {
  if (effect.kind !== 'CreateResource') return null;
  const recorded = rollbackSteps(workflow);
  const step = statusesOf(workflow).find(({ stepName }) => rollbackExecutionName(workflow.metadata.name, stepName) === effect.object.metadata.name);
  if (step === undefined || recorded.some(({ stepName }) => stepName === step.stepName)) return null;
  const refused: RollbackStep = { stepName: step.stepName, phase: 'failed', reason: 'child_refused' };
  return { effects: [update(workflow, { rollback: { steps: [...recorded, refused] } }, [], now)] };
}
