import { executionName } from '../../../shared/api/names.ts';
import { boundedText } from '../../../shared/api/text.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { WorkflowStep } from '../../../shared/api/workflow-definition.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../../shared/api/workflow-status.ts';
import { askToCancel, isCancelRequested } from '../../../shared/reconciler/children.ts';
import { created, type CreateResource, type PatchMetadata, type RecordAudit } from '../../../shared/reconciler/effect.ts';
import { nothing, type Decision, type Phase, type Refusal } from '../../../shared/reconciler/phase.ts';
import { audit, update } from '../../../shared/reconciler/transition.ts';
import { stop } from '../ending.ts';
import { stepExecution } from '../execution.ts';
import { noExecutions, readExecutions, type Executions, type Ports } from '../executions.ts';
import { approvalCondition, outlookOf, type Outlook } from '../outlook.ts';
import { enterMonitoring } from '../stability.ts';
import { firstReason, runningSteps, skipRest, startableSteps, startedCount, statusesOf, type Failure } from '../steps.ts';
import { tellSteps } from '../telling.ts';

/** `running`: the executions of the steps that have not ended. `ended`: of the others, read only when the workflow stops, to be undone. */
export interface Observed {
  readonly running: Executions;
  readonly ended: Executions;
}

/** One execution for each step, as the plan orders them. An execution's verdict is believed: the workflow does not look at the targets. */
export const executing: Phase<WorkflowExecution, Observed, Ports> = {
  async observe(workflow, ports, now) {
    const statuses = statusesOf(workflow);
    const running = await readExecutions(ports, runningSteps(statuses));
    const { failure, isRunning } = outlookOf(workflow, running, now);
    const stops = failure !== null && !isRunning;
    const others = statuses.filter(({ stepName }) => !running.has(stepName));
    return { running, ended: stops ? await readExecutions(ports, others) : noExecutions };
  },

  decide(workflow, { running, ended }, now) {
    const outlook = outlookOf(workflow, running, now);
    const { statuses, failure, isRunning } = outlook;
    if (failure !== null && isRunning) return awaitSiblings(workflow, { ...outlook, failure }, running, now);
    const told = tellSteps(workflow, statuses, running);
    if (failure !== null) {
      const telling = { ...told, status: { stepStatuses: statuses }, conditions: approvalCondition(failure) };
      return stop(workflow, { failure, statuses, executions: new Map([...ended, ...running]), telling }, now);
    }
    const isDone = !isRunning && statuses.length === workflow.spec.workflowDefinition.steps.length;
    return isDone ? enterMonitoring(workflow, statuses, told, now) : goOn(workflow, outlook, running, now);
  },

  refused: childRefused,
};

/** Verdicts and the next executions leave in one patch: children before status, so that a crash between finds the child by its name. */
function goOn(workflow: WorkflowExecution, { statuses, isNews }: Outlook, running: Executions, now: Instant): Decision {
  const starting = startableSteps(workflow, statuses);
  if (starting.length === 0 && !isNews) return nothing;
  const told = tellSteps(workflow, statuses, running);
  const intents = starting.map((step) => startedRow(workflow, step));
  const creates = starting.map((step): CreateResource => ({ kind: 'CreateResource', object: stepExecution(workflow, step), whenTaken: 'refused' }));
  const started = starting.map(({ name }, index) => ({ stepName: name, phase: 'executing', startTime: now, executionRef: created(intents.length + index) }));
  const currentStep = startedCount(statuses) + started.length;
  const patch = update(workflow, { stepStatuses: [...statuses, ...started], currentStep }, [], now);
  return { effects: [...intents, ...creates, ...told.audits, patch, ...told.events] };
}

function startedRow({ metadata }: WorkflowExecution, { name, action, parameters }: WorkflowStep): RecordAudit {
  const execution = executionName(metadata.name, name);
  const told = {
    type: 'workflow.step_started',
    reason: '',
    message: `step ${name}: ${action}`,
    discriminator: name,
    payload: { action, parameters, execution },
  };
  return audit(told, 'executing', 'executing');
}

/** No parent ends before its child: what runs is awaited, and asked to cancel only where the workflow itself was asked. */
function awaitSiblings(workflow: WorkflowExecution, outlook: Outlook & { readonly failure: Failure }, running: Executions, now: Instant): Decision {
  const { statuses, isNews, failure } = outlook;
  const cancels = isCancelRequested(workflow) ? cancelsOf(running) : [];
  if (!isNews) return { effects: cancels };
  const told = tellSteps(workflow, statuses, running);
  const { reason, message } = failure;
  const patch = update(workflow, { stepStatuses: statuses, reason, message: boundedText(message) }, approvalCondition(failure), now);
  return { effects: [...told.audits, ...cancels, patch, ...told.events] };
}

function cancelsOf(running: Executions): readonly PatchMetadata[] {
  return [...running.values()].flatMap((execution) => {
    const cancel = execution === null ? null : askToCancel(execution);
    return cancel === null ? [] : [cancel];
  });
}

/** The API will not have an execution: its step has failed, and with it the workflow. The next pass awaits what still runs. */
function childRefused(workflow: WorkflowExecution, { effect, message }: Refusal, now: Instant): Decision | null {
  if (effect.kind !== 'CreateResource') return null;
  const { steps } = workflow.spec.workflowDefinition;
  const before = statusesOf(workflow);
  const step = steps.find(({ name }) => executionName(workflow.metadata.name, name) === effect.object.metadata.name);
  if (step === undefined || before.some(({ stepName }) => stepName === step.name)) return null;
  const errorMessage = boundedText(`child_refused: ${message}`);
  const failed: StepStatus = { stepName: step.name, phase: 'failed', startTime: now, completionTime: now, executionResults: { success: false, errorMessage } };
  const failure = firstReason(workflow) ?? { reason: 'child_refused', message: boundedText(`step ${step.name} failed: ${errorMessage}`) };
  const statuses = skipRest(steps, [...before, failed], `not started: ${failure.message}`);
  const told = tellSteps(workflow, statuses, noExecutions);
  const patch = update(workflow, { stepStatuses: statuses, currentStep: startedCount(statuses), reason: failure.reason, message: failure.message }, [], now);
  return { effects: [...told.audits, patch, ...told.events] };
}
