import { describe, expect, it } from 'vitest';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { aCompletedWorkflow, aRequestIn, now, said, settings, type RequestOverrides } from '../../../test/support/requests.ts';
import { aStepStatus, aWorkflow, conditionsOf, eventsOf, patchOf, rowsOf, type WorkflowOverrides } from '../../../test/support/workflows.ts';
import { executing } from './executing.ts';

const phase = executing(settings);
const decide = (workflow: WorkflowExecution | null, overrides: RequestOverrides = {}, at: Instant = now) =>
  phase.decide(aRequestIn('executing', overrides), { workflow, children: workflow === null ? [] : [workflow] }, at);
const resolved = { status: { alertStatus: { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } } } as const;
const planned = (worstCaseSeconds: number, { status, ...overrides }: WorkflowOverrides = {}) => {
  const { executionPlan } = aWorkflow().status ?? {};
  return aWorkflow({
    ...overrides,
    status: { phase: 'executing', ...(executionPlan !== undefined && { executionPlan: { ...executionPlan, worstCaseSeconds } }), ...status },
  });
};

describe('executing', () => {
  it('copies the results of the workflow, and its time, as the specification has them', () => {
    const decision = decide(aCompletedWorkflow(), {}, '2026-01-15T10:36:52Z');
    expect(said(decision)).toEqual(['audit request.completed', 'enter completed', 'event Normal RemediationCompleted']);
    expect(patchOf(decision)).toMatchObject({
      completionTime: '2026-01-15T10:36:50Z',
      workflowResults: { success: true, stepsExecuted: 1, duration: '1m35s' },
      cleanupScheduledAt: '2026-01-16T10:36:50Z',
    });
    expect(conditionsOf(decision)).toEqual(['Ready=True Completed', 'Succeeded=True Completed']);
    expect(eventsOf(decision)[0]?.message).toBe('Alert remediation workflow completed successfully: scale_deployment, 1 step in 1m35s');
  });

  it('leaves the outcome open until the alert resolves, and knows it when it did already', () => {
    expect(patchOf(decide(aCompletedWorkflow()))?.['outcome']).toBeUndefined();
    const decision = decide(aCompletedWorkflow(), resolved);
    expect(patchOf(decision)).toMatchObject({ outcome: 'remediated' });
    expect(rowsOf(decision)).toMatchObject([{ type: 'request.completed' }, { type: 'request.outcome', payload: { outcome: 'remediated' } }]);
  });

  it('counts the steps that completed, not those that were skipped or failed without harm', () => {
    const stepStatuses = [aStepStatus('a', 'completed'), aStepStatus('b', 'failed'), aStepStatus('c', 'skipped'), aStepStatus('d', 'completed')];
    expect(patchOf(decide(aCompletedWorkflow({ status: { stepStatuses } })))).toMatchObject({ workflowResults: { success: true, stepsExecuted: 2 } });
  });

  it('ends a dry run with a suggestion', () => {
    const status = { reason: 'dry_run_only', message: 'dry run: 1 of 1 steps passed every check, nothing was changed', stepStatuses: [] };
    const decision = decide(aCompletedWorkflow({ status }), { dryRun: true });
    expect(patchOf(decision)).toMatchObject({ phase: 'completed', reason: 'dry_run_only', outcome: 'suggested' });
    expect(patchOf(decision)).not.toHaveProperty('workflowResults');
    expect(conditionsOf(decision)).toEqual(['Ready=True Completed', 'Succeeded=True DryRunOnly']);
    expect(eventsOf(decision)[0]?.message).toContain('Suggested scale_deployment: dry run');
  });

  it.each<[sentence: string, workflow: WorkflowExecution | null, reason: string, message: string]>([
    [
      'failed',
      aWorkflow({ status: { phase: 'failed', reason: 'post_execution_instability', message: 'only 4 of 5 replicas ready' } }),
      'post_execution_instability',
      'only 4 of 5 replicas ready',
    ],
    [
      'was asked to cancel by somebody else',
      aWorkflow({ status: { phase: 'failed', reason: 'cancelled', message: 'asked to cancel' } }),
      'cancelled',
      'asked to cancel',
    ],
    ['is gone', null, 'child_missing', 'WorkflowExecution rr-1-workflow is gone'],
  ])('fails with its reason when the workflow %s', (_sentence, workflow, reason, message) => {
    const decision = decide(workflow);
    const failure = { phase: 'executing', kind: 'WorkflowExecution', name: 'rr-1-workflow', reason, message };
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason, message, outcome: 'failed', failure, completionTime: now });
    expect(eventsOf(decision)).toMatchObject([{ type: 'Warning', message: `Remediation by scale_deployment failed: ${reason}: ${message}` }]);
    expect(rowsOf(decision)).toMatchObject([
      { type: 'request.failed', payload: { failure } },
      { type: 'request.outcome', payload: { outcome: 'failed' } },
    ]);
  });

  it('waits for a workflow that runs, and writes nothing', () => {
    expect(decide(planned(600))).toEqual({ effects: [], wakeAfterSeconds: [900] });
  });

  it.each<[sentence: string, workflow: WorkflowExecution, deadline: string]>([
    ['needs longer', planned(3_600), '2026-01-15T11:50:10Z'],
    ['needs longer, and a person besides', planned(3_600, { strategy: { approvalRequired: true } }), '2026-01-15T12:05:10Z'],
    ['needs longer, but asks nobody for a dry run', planned(3_600, { strategy: { approvalRequired: true }, dryRun: true }), '2026-01-15T11:50:10Z'],
  ])('moves the deadline out once when the plan %s', (_sentence, workflow, deadline) => {
    const decision = decide(workflow);
    expect(said(decision)).toEqual(['write status']);
    expect(patchOf(decision)).toEqual({ overallDeadline: deadline });
    expect(decide(workflow, { status: { overallDeadline: deadline } }).effects).toEqual([]);
  });

  it('sends the key of a workflow that waits for the end of the pause', () => {
    const held = { type: 'Permitted', status: 'False', reason: 'OwnerPaused', message: '', lastTransitionTime: now } as const;
    const workflow = aWorkflow({ status: { conditions: [held] } });
    expect(decide(workflow).effects).toEqual([
      {
        kind: 'Enqueue',
        queue: 'workflow-executions',
        message: { cluster: 'primary-cluster', kind: 'WorkflowExecution', namespace: 'kubernaut-system', name: 'rr-1-workflow', cause: 'watch' },
      },
    ]);
    expect(decide(workflow, { pause: true }).effects).toEqual([]);
  });

  it('is never ended from outside: the workflow may still act', () => {
    expect(phase.deadline?.(aRequestIn('executing')) ?? null).toBeNull();
  });
});
