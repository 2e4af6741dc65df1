import { bindAction, parseAction } from '../../shared/actions/index.ts';
import { durationSeconds, formatDuration } from '../../shared/api/time.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { WorkflowSpec } from '../../shared/api/workflow-execution.ts';
import type { Batch, ExecutionPlan } from '../../shared/api/workflow-status.ts';
import { planDigest } from '../../shared/planning/plan-digest.ts';

// Deadlines of others that the worst case adds up (api.md §5 and §6).
export const validatingSeconds = 300;
const executionValidatingSeconds = 60;
const executionGraceSeconds = 90;
export const monitoringGraceSeconds = 60;

const actionTimeoutSeconds = 300; // what most actions declare

type Timed = Pick<WorkflowStep, 'action' | 'parameters' | 'timeout'>;

/** The plan of a definition that planning found sound. Throws on an action that it would have refused: a caller's bug. */
export function planOf(spec: WorkflowSpec, executionOrder: readonly Batch[]): ExecutionPlan {
  const { mode, rollbackOnFailure } = spec.executionStrategy;
  return {
    strategy: mode,
    estimatedDuration: formatDuration(secondsAlong(executionOrder, spec, timeoutSecondsOf)),
    rollbackStrategy: rollbackOnFailure ? 'automatic' : 'none',
    executionOrder,
    digest: planDigest(spec, executionOrder),
    worstCaseSeconds: worstCaseSeconds(spec, executionOrder),
  };
}

/** What the step's execution may take: its own timeout, or the action's. */
export function timeoutSecondsOf({ action, parameters, timeout }: Timed): number {
  if (timeout !== undefined) return durationSeconds(timeout);
  const parsed = parseAction(action, parameters);
  return parsed.kind === 'known' ? parsed.action.timeoutSeconds.default : actionTimeoutSeconds;
}

/** All deadlines to come but the approval's: validating, each execution, monitoring, and the undoing of every step one by one. */
function worstCaseSeconds(spec: WorkflowSpec, order: readonly Batch[]): number {
  const { monitoringSeconds, rollbackOnFailure } = spec.executionStrategy;
  const undoing = rollbackOnFailure ? sum(spec.workflowDefinition.steps.map(undoSecondsMax)) : 0;
  const running = secondsAlong(order, spec, executionSecondsMax);
  return Math.ceil(validatingSeconds + running + monitoringSeconds + monitoringGraceSeconds + undoing);
}

function executionSecondsMax(step: Timed): number {
  const outcomeSeconds = bindAction(step.action, step.parameters).outcome.deadlineSeconds;
  return executionValidatingSeconds + Math.max(timeoutSecondsOf(step), outcomeSeconds) + executionGraceSeconds;
}

/** A captured undo is not known yet: it is an action of the same kind and gets the step's own timeout. */
function undoSecondsMax(step: WorkflowStep): number {
  return executionSecondsMax(step.rollback ?? step);
}

/** Batches one after another; the steps of a parallel batch on `maxParallelSteps` lanes, each taking the lane that is free first. */
function secondsAlong(order: readonly Batch[], spec: WorkflowSpec, secondsOf: (step: WorkflowStep) => number): number {
  const { steps } = spec.workflowDefinition;
  return sum(
    order.map((batch) => {
      const seconds = batch.steps.flatMap((name) => steps.filter((step) => step.name === name)).map(secondsOf);
      return batch.parallel ? secondsOnLanes(seconds, spec.executionStrategy.maxParallelSteps) : sum(seconds);
    }),
  );
}

function secondsOnLanes(seconds: readonly number[], laneCount: number): number {
  const lanes = Array.from({ length: laneCount }, () => 0);
  for (const duration of seconds) {
    const first = lanes.indexOf(Math.min(...lanes));
    lanes[first] = (lanes[first] ?? 0) + duration;
  }
  return Math.max(...lanes);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
