import { describe, expect, it } from 'vitest';
import type { RequestStatus } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import { aProcessing } from '../../test/support/processings.ts';
import { aCompletedWorkflow, anAnalysis, aRequestIn, asked, now, said, settings, type RequestOverrides } from '../../test/support/requests.ts';
import { aWorkflow, conditionsOf, eventsOf, patchOf, rowsOf } from '../../test/support/workflows.ts';
import type { Child } from './children.ts';
import { windingDown } from './winding-down.ts';

const always = windingDown(settings);
const late = '2026-01-15T11:35:00Z';
const running = {
  processing: aProcessing(),
  analyzing: anAnalysis({ status: { phase: 'investigating' } }),
  executing: aWorkflow({ status: { phase: 'executing' } }),
};
const failedBy = (reason: string) => aWorkflow({ status: { phase: 'failed', reason, message: 'rolled back scale-deployment' } });

function judge(phase: RequestStatus['phase'], children: readonly Child[], overrides: RequestOverrides = {}, at: Instant = now) {
  return always(aRequestIn(phase, overrides), { children }, at);
}

describe('a request that nobody stops', () => {
  it.each(['', 'processing', 'analyzing', 'blocked', 'executing'] as const)('goes on in phase "%s"', (phase) => {
    expect(judge(phase, phase === 'processing' ? [running.processing] : [])).toBeNull();
  });

  it('has no overall deadline while a fence holds it, since that time is given back', () => {
    expect(judge('blocked', [], {}, '2026-01-15T12:00:00Z')).toBeNull();
  });

  it('has the time that its plan needs, though nobody wrote that down yet', () => {
    const { executionPlan } = aWorkflow().status ?? {};
    if (executionPlan === undefined) throw new Error('no plan');
    const workflow = aWorkflow({ status: { phase: 'executing', executionPlan: { ...executionPlan, worstCaseSeconds: 3_600 } } });
    expect(judge('executing', [workflow], {}, late)).toBeNull();
    expect(judge('executing', [workflow], {}, '2026-01-15T11:50:10Z')).not.toBeNull();
  });
});

describe.each<[string, RequestOverrides, Instant, string]>([
  ['that a person cancelled', { cancel: true }, now, 'cancelled'],
  ['past its deadline', {}, late, 'deadline_exceeded'],
])('a request %s', (_sentence, overrides, at, reason) => {
  it.each(['processing', 'analyzing', 'executing'] as const)('asks its live child once to cancel, says so, and waits in phase %s', (phase) => {
    const child = running[phase];
    const decision = judge(phase, [child], overrides, at);
    if (decision === null) throw new Error('it goes on');
    expect(said(decision)).toEqual([`patch metadata of ${child.metadata.name}`, 'write status']);
    expect(decision.effects[0]).toMatchObject({
      ref: { uid: child.metadata.uid, resourceVersion: child.metadata.resourceVersion },
      annotations: { 'kubernaut.io/cancel-requested': 'true' },
    });
    expect(patchOf(decision)).toMatchObject({ reason });
    expect(decision.wakeAfterSeconds).toEqual([reason === 'cancelled' ? 900 : 30]);
    const said_ = { status: { reason, message: 'said before' } };
    expect(judge(phase, [asked(child)], { ...overrides, ...said_ }, at)).toMatchObject({ effects: [] });
  });

  it('gives its verdict when the child has ended, and says how', () => {
    const decision = judge('executing', [asked(failedBy('cancelled'))], { ...overrides, status: { reason, message: 'said before' } }, at);
    if (decision === null) throw new Error('it goes on');
    expect(patchOf(decision)).toMatchObject({
      phase: reason === 'cancelled' ? 'cancelled' : 'failed',
      reason,
      message: 'said before; WorkflowExecution rr-1-workflow ended failed: cancelled: rolled back scale-deployment',
      outcome: reason === 'cancelled' ? 'cancelled' : 'failed',
      completionTime: at,
    });
  });

  it('completes when its workflow did, whoever wanted it to stop meanwhile', () => {
    expect(judge('executing', [aCompletedWorkflow()], overrides, at)).toBeNull();
  });

  it('gives its verdict at once when its child is gone', () => {
    expect(patchOf(judge('executing', [], overrides, at) ?? { effects: [] })).toMatchObject({ reason });
  });
});

describe('a cancelled request', () => {
  it.each(['', 'blocked'] as const)('ends at once in phase "%s", where no child lives', (phase) => {
    const decision = judge(phase, [], { cancel: true });
    if (decision === null) throw new Error('it goes on');
    expect(said(decision)).toEqual(['audit request.cancelled', 'audit request.outcome', 'enter cancelled', 'event Normal RemediationCancelled']);
    expect(patchOf(decision)).toMatchObject({ outcome: 'cancelled', cleanupScheduledAt: '2026-01-16T10:35:20Z' });
    expect(conditionsOf(decision).slice(0, 2)).toEqual(['Ready=False Cancelled', 'Succeeded=False Cancelled']);
    expect(rowsOf(decision)[0]).toMatchObject({ actor: { kind: 'user' } });
    expect(eventsOf(decision)[0]?.message).toContain('Remediation cancelled: spec.cancel was set in phase');
  });

  it.each<[sentence: string, annotations: Readonly<Record<string, string>>, name: string]>([
    ['by whom admission saw', { 'kubernaut.io/cancelled-by': 'alice' }, 'alice'],
    ['by a name that is too long for a row', { 'kubernaut.io/cancelled-by': 'a'.repeat(300) }, 'a'.repeat(253)],
    ['by somebody whom nobody saw', {}, 'unknown'],
  ])('is told in the audit as cancelled %s', (_sentence, annotations, name) => {
    expect(rowsOf(judge('', [], { cancel: true, metadata: { annotations } }) ?? { effects: [] })[0]).toMatchObject({ actor: { kind: 'user', name } });
  });

  it('ends as cancelled though its workflow failed by itself meanwhile', () => {
    expect(patchOf(judge('executing', [failedBy('step_execution_failed')], { cancel: true }) ?? { effects: [] })).toMatchObject({ phase: 'cancelled' });
  });

  it('does not go on though its analysis is ready', () => {
    expect(patchOf(judge('analyzing', [anAnalysis()], { cancel: true }) ?? { effects: [] })).toMatchObject({ phase: 'cancelled' });
  });
});

describe('a request whose alert resolves', () => {
  const alertStatus = { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } as const;
  const over: RequestOverrides = { status: { alertStatus } };
  const workflowIn = (phase: 'planning' | 'validating') => aWorkflow({ status: { phase } });

  it.each(['planning', 'validating'] as const)('asks its workflow to cancel that is still %s, and says why', (phase) => {
    const decision = judge('executing', [workflowIn(phase)], over);
    if (decision === null) throw new Error('it goes on');
    expect(said(decision)).toEqual(['patch metadata of rr-1-workflow', 'write status']);
    expect(patchOf(decision)).toMatchObject({ reason: 'alert_resolved', message: 'the alert resolved before anything was changed' });
  });

  it.each([
    ['that did what it was asked', { reason: 'alert_resolved' }],
    ['that saw it first', {}],
  ])('ends well after a workflow %s', (_sentence, status) => {
    const decision = judge('executing', [aWorkflow({ status: { phase: 'failed', reason: 'cancelled' } })], { status: { alertStatus, ...status } });
    expect(patchOf(decision ?? { effects: [] })).toMatchObject({ phase: 'completed', reason: 'alert_resolved', outcome: 'noActionNeeded' });
  });

  it.each<[sentence: string, workflow: Child]>([
    ['acts', running.executing],
    ['failed by itself before it acted', failedBy('dry_run_failed')],
    ['completed', aCompletedWorkflow()],
  ])('leaves it to a workflow that %s', (_sentence, workflow) => {
    expect(judge('executing', [workflow], over)).toBeNull();
  });
});

describe('the first reason', () => {
  it('stays the verdict when a person cancels what was past its deadline already', () => {
    const status = { reason: 'deadline_exceeded', message: 'phase executing was not over' };
    expect(patchOf(judge('executing', [failedBy('cancelled')], { cancel: true, status }, late) ?? { effects: [] })).toMatchObject({
      phase: 'failed',
      reason: 'deadline_exceeded',
    });
  });

  it('is the own one of a workflow that failed before it was asked', () => {
    expect(judge('executing', [failedBy('step_execution_failed')], {}, late)).toBeNull();
  });

  it('is the deadline when an analysis is ready only after it', () => {
    const decision = judge('analyzing', [anAnalysis()], {}, late);
    expect(patchOf(decision ?? { effects: [] })).toMatchObject({
      phase: 'failed',
      reason: 'deadline_exceeded',
      message: expect.stringContaining('phase analyzing was not over by 2026-01-15T11:35:00Z'),
    });
  });
});
