import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation, planDigestAnnotation } from '../../shared/api/labels.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { aStartedWorkflow, aStep, aWorkflow, anExecutionOf, conditionsOf, createsOf, eventsOf, patchOf, rowsOf } from '../../test/support/workflows.ts';
import type { Executions } from './executions.ts';
import { executing, type Observed } from './phases/executing.ts';

const now = '2026-01-15T10:35:50Z';
const none: Executions = new Map();
const decide = (workflow: WorkflowExecution, running: Observed['running'] = none, ended: Observed['ended'] = none): Decision =>
  executing.decide(workflow, { running, ended }, now);
const stepsOf = (decision: Decision) => (patchOf(decision)?.['stepStatuses'] ?? []) as unknown as readonly StepStatus[];
/** `a=completed b=executing` */
const stepLine = (decision: Decision) =>
  stepsOf(decision)
    .map(({ stepName, phase }) => `${stepName}=${phase}`)
    .join(' ');
const cancelled = { annotations: { [cancelRequestedAnnotation]: 'true' } };
const parallel = { mode: 'parallel' } as const;

describe('a critical failure', () => {
  const two = { steps: [aStep('a'), aStep('b'), aStep('c')], strategy: parallel };

  it('awaits the siblings that run, and starts nothing more', () => {
    const workflow = aStartedWorkflow({ a: 'executing', b: 'executing' }, { ...two, strategy: { ...parallel, maxParallelSteps: 2 } });
    const running = new Map([
      ['a', anExecutionOf(workflow, 'a', 'failed')],
      ['b', anExecutionOf(workflow, 'b', 'executing')],
    ]);
    const decision = decide(workflow, running);
    expect(stepLine(decision)).toBe('a=failed b=executing c=skipped');
    expect(patchOf(decision)).toMatchObject({ reason: 'step_execution_failed', message: 'step a failed: health_check_failed: only 4 of 5 replicas ready' });
    expect(patchOf(decision)).not.toHaveProperty('phase');
    expect(createsOf(decision)).toEqual([]);
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['StepFailed', 'StepSkipped']);
  });

  it('keeps the first reason when a sibling fails too', () => {
    const workflow = aStartedWorkflow(
      { a: 'failed', b: 'executing', c: 'skipped' },
      { ...two, status: { reason: 'execution_missing', message: 'step a failed: gone' } },
    );
    const running = new Map([['b', anExecutionOf(workflow, 'b', 'failed')]]);
    expect(patchOf(decide(workflow, running, new Map([['a', null]])))).toMatchObject({
      phase: 'rolling_back',
      reason: 'execution_missing',
      message: 'step a failed: gone',
    });
  });

  it('undoes what was done', () => {
    const workflow = aStartedWorkflow({ a: 'completed', b: 'executing' }, { steps: [aStep('a'), aStep('b'), aStep('c')] });
    const decision = decide(workflow, new Map([['b', anExecutionOf(workflow, 'b', 'failed')]]), new Map([['a', anExecutionOf(workflow, 'a', 'completed')]]));
    expect(patchOf(decision)).toMatchObject({ phase: 'rolling_back', reason: 'step_execution_failed', rollback: { state: 'running', steps: [] } });
    expect(patchOf(decision)).not.toHaveProperty('overallSuccess');
    expect(stepLine(decision)).toBe('a=completed b=failed c=skipped');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['StepFailed', 'StepSkipped', 'RollbackStarted']);
    expect(eventsOf(decision)[2]?.message).toContain('Undoing b, a');
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.step_finished', 'workflow.rollback']);
    expect(conditionsOf(decision)).toContain('Ready=False RollingBack');
  });

  it.each<[string, Parameters<typeof anExecutionOf>[3], string]>([
    ['its Job never ran', { jobRef: undefined }, 'none'],
    ['it cannot be undone', { rollbackInformation: { available: false } }, 'none'],
  ])('fails at once when nothing else was done and %s', (_sentence, status, state) => {
    const workflow = aStartedWorkflow({ a: 'executing' });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'failed', status)]]));
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'step_execution_failed',
      message: 'step a failed: health_check_failed: only 4 of 5 replicas ready; nothing to roll back',
      rollback: { state },
      overallSuccess: false,
      completionTime: now,
      executionPlan: { actualDuration: '35s' },
    });
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['StepFailed', 'WorkflowFailed']);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.step_finished', 'workflow.failed']);
  });

  it('says which change stays because it cannot be undone', () => {
    const workflow = aStartedWorkflow({ a: 'executing' });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'failed', { rollbackInformation: { available: false } })]]));
    expect(patchOf(decision)).toMatchObject({ rollback: { steps: [{ stepName: 'a', phase: 'skipped', reason: 'not_reversible' }] } });
  });

  it('undoes nothing when that is switched off', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { strategy: { rollbackOnFailure: false } });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'failed')]]));
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'step_execution_failed',
      message: expect.stringContaining('rollback is switched off'),
      rollback: { state: 'none', steps: [] },
    });
  });

  it('is a critical step that waits for one that failed', () => {
    const steps = [aStep('a', { criticalStep: false }), aStep('b', { dependencies: ['a'] })];
    const workflow = aStartedWorkflow({ a: 'executing' }, { steps });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'failed', { jobRef: undefined })]]));
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'step_execution_failed',
      message: expect.stringContaining('critical step b was skipped'),
    });
  });

  it('is an execution that is gone', () => {
    const workflow = aStartedWorkflow({ a: 'executing' });
    const decision = decide(workflow, new Map([['a', null]]));
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason: 'execution_missing', message: expect.stringContaining('rr-1-workflow-a is gone') });
    expect(rowsOf(decision)[0]).toMatchObject({ type: 'workflow.step_finished', reason: 'execution_missing', payload: { success: false } });
  });

  it('is none when the step that is gone was not critical', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { steps: [aStep('a', { criticalStep: false }), aStep('b')] });
    expect(stepLine(decide(workflow, new Map([['a', null]])))).toBe('a=failed b=executing');
  });
});

describe('an approval of another plan', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  const approved = (planDigest: string, annotations: Readonly<Record<string, string>> = {}) => {
    const approval = { expiresAt: now, decision: 'approved', user: 'alice', at: now, planDigest } as const;
    return aStartedWorkflow({ a: 'executing' }, { strategy: { approvalRequired: true }, annotations, status: { approval } });
  };
  const digest = approved(other).status?.executionPlan?.digest ?? '';

  it.each([
    ['the copied decision', approved(other)],
    ['the stamp', approved(digest, { [planDigestAnnotation]: other })],
    ['a missing decision', aStartedWorkflow({ a: 'executing' }, { strategy: { approvalRequired: true } })],
  ])('stops the workflow, shown by %s', (_sentence, workflow) => {
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'executing')]]));
    expect(patchOf(decision)).toMatchObject({ reason: 'approval_plan_changed' });
    expect(conditionsOf(decision)).toEqual(['Approved=False ApprovalPlanChanged']);
    const ended = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]]));
    expect(patchOf(ended)).toMatchObject({ phase: 'rolling_back', reason: 'approval_plan_changed' });
  });

  it('is none when all is as it was approved', () => {
    const workflow = approved(digest, { [planDigestAnnotation]: digest });
    expect(decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'executing')]])).effects).toEqual([]);
  });
});

describe('a cancel', () => {
  it('asks the live executions, once, and awaits them', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { ...cancelled, steps: [aStep('a'), aStep('b')] });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'executing')]]));
    expect(decision.effects.map(({ kind }) => kind)).toEqual(['PatchMetadata', 'PatchStatus', 'EmitEvent']);
    expect(decision.effects[0]).toMatchObject({
      ref: { name: 'rr-1-workflow-a', uid: 'ke-a', resourceVersion: '77' },
      annotations: { [cancelRequestedAnnotation]: 'true' },
    });
    expect(patchOf(decision)).toMatchObject({ reason: 'cancelled' });
    expect(stepLine(decision)).toBe('a=executing b=skipped');

    const asked = { ...anExecutionOf(workflow, 'a', 'executing') };
    const annotated = { ...asked, metadata: { ...asked.metadata, annotations: { [cancelRequestedAnnotation]: 'true' } } };
    const waiting = aStartedWorkflow(
      { a: 'executing', b: 'skipped' },
      { ...cancelled, steps: [aStep('a'), aStep('b')], status: { reason: 'cancelled', message: 'asked' } },
    );
    expect(decide(waiting, new Map([['a', annotated]])).effects).toEqual([]);
  });

  it('undoes what was done before', () => {
    const workflow = aStartedWorkflow({ a: 'completed', b: 'executing' }, { ...cancelled, steps: [aStep('a'), aStep('b')] });
    const running = new Map([['b', anExecutionOf(workflow, 'b', 'failed', { reason: 'cancelled', jobRef: undefined })]]);
    expect(patchOf(decide(workflow, running, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]])))).toMatchObject({
      phase: 'rolling_back',
      reason: 'cancelled',
    });
  });

  it('ends a workflow that did nothing yet', () => {
    expect(patchOf(decide(aWorkflow({ ...cancelled, status: { phase: 'executing' } })))).toMatchObject({
      phase: 'failed',
      reason: 'cancelled',
      stepStatuses: [{ phase: 'skipped' }],
    });
  });

  it('undoes even a workflow whose last step completes now', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, cancelled);
    expect(patchOf(decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]])))).toMatchObject({
      phase: 'rolling_back',
      reason: 'cancelled',
    });
  });
});
