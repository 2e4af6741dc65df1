import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { boundedText } from '../../shared/api/text.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import { WorkflowFailure, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepResults, StepStatus } from '../../shared/api/workflow-status.ts';
import { dependentsOf } from '../../shared/planning/graph.ts';
import type { Executions } from './executions.ts';

/** Why the workflow ends badly: the first reason, which stays the verdict whatever follows. */
export interface Failure {
  readonly reason: WorkflowFailure;
  readonly message: string;
}

/** What an earlier pass recorded as the reason, before the workflow could end. */
export function firstReason({ status }: WorkflowExecution): Failure | null {
  const reason = WorkflowFailure.find((known) => known === status?.reason);
  return reason === undefined ? null : { reason, message: status?.message ?? '' };
}

export function statusesOf({ status }: WorkflowExecution): readonly StepStatus[] {
  return status?.stepStatuses ?? [];
}

export function runningSteps(statuses: readonly StepStatus[]): readonly StepStatus[] {
  return statuses.filter(({ phase }) => phase === 'executing');
}

/** The executions' verdicts copied into the steps that still ran. A step whose execution goes on stays the very same object. */
export function copyVerdicts(statuses: readonly StepStatus[], executions: Executions, now: Instant): readonly StepStatus[] {
  return statuses.map((status) => {
    const execution = executions.get(status.stepName);
    return status.phase === 'executing' && execution !== undefined ? copyVerdict(status, execution, now) : status;
  });
}

function copyVerdict(status: StepStatus, execution: KubernetesExecution | null, now: Instant): StepStatus {
  if (execution === null) {
    const errorMessage = `KubernetesExecution ${status.executionRef?.name ?? ''} is gone`;
    return { ...status, phase: 'failed', completionTime: now, executionResults: { success: false, errorMessage } };
  }
  const phase = execution.status?.phase;
  if (phase !== 'completed' && phase !== 'failed') return status;
  return { ...status, phase, completionTime: execution.status?.completionTime ?? now, executionResults: resultsOf(execution) };
}

/** As the execution said them; an error begins with the execution's reason, which has no field of its own here. */
function resultsOf({ status }: KubernetesExecution): StepResults {
  const { message, validationResult, errorMessage } = status?.executionResults ?? {};
  const said = {
    success: status?.phase === 'completed',
    ...(message !== undefined && { message }),
    ...(validationResult !== undefined && { validationResult }),
  };
  if (said.success) return said;
  return { ...said, errorMessage: boundedText(`${status?.reason ?? 'failed'}: ${errorMessage ?? status?.message ?? 'no message'}`) };
}

/** Steps that can no longer run, because they wait for one that failed or was skipped, get their entry, which names what they wait for. */
export function skipDependents(steps: readonly WorkflowStep[], statuses: readonly StepStatus[]): readonly StepStatus[] {
  const lost = statuses.filter(({ phase }) => phase === 'failed' || phase === 'skipped').map(({ stepName }) => stepName);
  const known = new Set(statuses.map(({ stepName }) => stepName));
  const dependents = dependentsOf(steps, new Set(lost)).filter((name) => !known.has(name));
  const neverDone = new Set([...lost, ...dependents]);
  const causeOf = (name: string) => steps.find((step) => step.name === name)?.dependencies.find((dependency) => neverDone.has(dependency));
  return [...statuses, ...dependents.map((name) => skipped(name, `${name} waits for ${causeOf(name) ?? 'another step'}, which did not complete`))];
}

/** Every step that has not started: nothing more is begun. */
export function skipRest(steps: readonly WorkflowStep[], statuses: readonly StepStatus[], because: string): readonly StepStatus[] {
  const known = new Set(statuses.map(({ stepName }) => stepName));
  return [...statuses, ...steps.filter(({ name }) => !known.has(name)).map(({ name }) => skipped(name, because))];
}

function skipped(stepName: string, message: string): StepStatus {
  return { stepName, phase: 'skipped', executionResults: { success: false, message } };
}

/** The first critical step, in the order of the definition, that failed or was skipped because of one that failed. */
export function criticalFailure(steps: readonly WorkflowStep[], statuses: readonly StepStatus[], executions: Executions): Failure | null {
  for (const { name, criticalStep } of steps) {
    const status = criticalStep ? statuses.find(({ stepName }) => stepName === name) : undefined;
    const { message, errorMessage } = status?.executionResults ?? {};
    if (status?.phase === 'skipped') return { reason: 'step_execution_failed', message: `critical step ${name} was skipped: ${message ?? ''}` };
    const reason = executions.get(name) === null ? 'execution_missing' : 'step_execution_failed';
    if (status?.phase === 'failed') return { reason, message: `step ${name} failed: ${errorMessage ?? ''}` };
  }
  return null;
}

/** The steps that may start now, in the order of the plan. The next batch waits until all of this one has ended. */
export function startableSteps({ spec, status }: WorkflowExecution, statuses: readonly StepStatus[]): readonly WorkflowStep[] {
  const { mode, maxParallelSteps } = spec.executionStrategy;
  const phases = new Map(statuses.map(({ stepName, phase }) => [stepName, phase]));
  const order = status?.executionPlan?.executionOrder ?? [];
  const batch = order.find(({ steps }) => steps.some((name) => !hasEnded(phases.get(name))));
  const free = (mode === 'parallel' ? maxParallelSteps : 1) - runningSteps(statuses).length;
  const waiting = (batch?.steps ?? []).filter((name) => !phases.has(name)).slice(0, Math.max(0, free));
  return waiting.flatMap((name) => spec.workflowDefinition.steps.filter((step) => step.name === name));
}

function hasEnded(phase: StepStatus['phase'] | undefined): boolean {
  return phase !== undefined && phase !== 'executing';
}

export function startedCount(statuses: readonly StepStatus[]): number {
  return statuses.filter(({ phase }) => phase !== 'skipped').length;
}
