import { describe, expect, it } from 'vitest';
import { approveAnnotation, decidedAtAnnotation, decidedByAnnotation, planDigestAnnotation, rejectAnnotation } from '../../shared/api/labels.ts';
import {
  aRequestOf,
  aStepWorld,
  aWorkflow,
  conditionsOf,
  eventsOf,
  now,
  patchOf,
  rowsOf,
  settings,
  type WorkflowOverrides,
} from '../../test/support/workflows.ts';
import type { Gate } from './gate.ts';
import { validating, type Observed } from './phases/validating.ts';

const phase = validating(settings);
const later = '2026-01-15T10:40:00Z';
const expiresAt = '2026-01-15T10:50:10Z';

const open = (workflow = aWorkflow()): Gate => ({ owner: aRequestOf(workflow), pausedBy: null });
const decide = (observed: Partial<Observed> = {}, workflow = aWorkflow(), at = now) =>
  phase.decide(workflow, { steps: [aStepWorld()], gate: open(workflow), ...observed }, at);

describe('the approval', () => {
  const required: WorkflowOverrides = { strategy: { approvalRequired: true } };
  const digest = aWorkflow(required).status?.executionPlan?.digest ?? '';
  const stamps = { [decidedByAnnotation]: 'alice', [decidedAtAnnotation]: later, [planDigestAnnotation]: digest };
  const asked = (annotations: Readonly<Record<string, string>> = {}, status: WorkflowOverrides['status'] = {}) =>
    aWorkflow({ ...required, annotations, status: { validationResults: { rbacValid: true }, approval: { expiresAt }, ...status } });
  const decideAsked = (annotations: Readonly<Record<string, string>>, at = later, status: WorkflowOverrides['status'] = {}) =>
    decide({ steps: null, gate: open() }, asked(annotations, status), at);

  it('is asked for once every check has passed', () => {
    const decision = decide({ gate: null }, aWorkflow(required));
    expect(patchOf(decision)).toMatchObject({ validationResults: { rbacValid: true, approvalReceived: false }, approval: { expiresAt } });
    expect(patchOf(decision)).not.toHaveProperty('phase');
    expect(conditionsOf(decision)).toEqual(['Approved=Unknown AwaitingDecision']);
    expect(eventsOf(decision)).toMatchObject([
      { type: 'Normal', reason: 'ApprovalRequired', message: expect.stringContaining('scale-deployment (scale_deployment)') },
    ]);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.approval_requested', payload: { digest } }]);
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it('is awaited without another word', () => {
    const decision = decideAsked({});
    expect(decision.effects).toEqual([]);
    expect(decision.wakeAfterSeconds).toEqual([610]);
    expect(phase.deadline?.(asked())).toBe(expiresAt);
  });

  it.each([
    ['approve without any stamp', { [approveAnnotation]: 'true' }],
    ['approve without a person', { ...stamps, [approveAnnotation]: 'true', [decidedByAnnotation]: '' }],
    ['approve without a time', { ...stamps, [approveAnnotation]: 'true', [decidedAtAnnotation]: '' }],
    ['approve at a time that is none', { ...stamps, [approveAnnotation]: 'true', [decidedAtAnnotation]: 'yesterday' }],
    ['approve of another plan', { ...stamps, [approveAnnotation]: 'true', [planDigestAnnotation]: `sha256:${'0'.repeat(64)}` }],
    ['approve with another word', { ...stamps, [approveAnnotation]: 'yes' }],
    ['approve with another digest', { ...stamps, [approveAnnotation]: `sha256:${'0'.repeat(64)}` }],
    ['reject without any stamp', { [rejectAnnotation]: 'no' }],
    ['stamps alone', stamps],
  ])('is not given by %s', (_sentence, annotations) => {
    expect(decideAsked(annotations).effects).toEqual([]);
  });

  it.each([
    ['the word true', 'true'],
    ['the digest that was shown', digest],
  ])('is given by %s', (_sentence, value) => {
    const decision = decideAsked({ ...stamps, [approveAnnotation]: value });
    expect(patchOf(decision)).toMatchObject({
      phase: 'executing',
      approval: { decision: 'approved', user: 'alice', at: later, planDigest: digest },
      validationResults: { approvalReceived: true },
    });
    expect(conditionsOf(decision)).toContain('Approved=True Approved');
    expect(eventsOf(decision)).toMatchObject([{ type: 'Normal', reason: 'ApprovalGranted', message: expect.stringContaining('alice') }]);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.approved', actor: { kind: 'user', name: 'alice' } }, { type: 'workflow.validated' }]);
  });

  it('given in time counts, however late this pass comes', () => {
    expect(patchOf(decideAsked({ ...stamps, [approveAnnotation]: 'true' }, '2026-01-15T11:30:00Z'))).toMatchObject({ phase: 'executing' });
  });

  it('given too late does not count', () => {
    const late = { ...stamps, [approveAnnotation]: 'true', [decidedAtAnnotation]: '2026-01-15T10:50:11Z' };
    expect(patchOf(decideAsked(late, '2026-01-15T10:50:12Z'))).toMatchObject({ phase: 'failed', reason: 'approval_expired' });
  });

  it('is rejected with the reason', () => {
    const decision = decideAsked({ ...stamps, [rejectAnnotation]: 'not before the release' });
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'approval_rejected',
      message: 'rejected by alice: not before the release',
      approval: { decision: 'rejected', user: 'alice', reason: 'not before the release' },
    });
    expect(conditionsOf(decision)).toContain('Approved=False ApprovalRejected');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['ApprovalRejected', 'WorkflowFailed']);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.rejected', 'workflow.failed']);
  });

  it('is rejected where both stand', () => {
    expect(patchOf(decideAsked({ ...stamps, [approveAnnotation]: 'true', [rejectAnnotation]: 'no' }))).toMatchObject({ reason: 'approval_rejected' });
  });

  it('expires at its time', () => {
    const decision = decideAsked({}, expiresAt);
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason: 'approval_expired', message: `nobody decided before ${expiresAt}` });
    expect(conditionsOf(decision)).toContain('Approved=False ApprovalExpired');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['ApprovalExpired', 'WorkflowFailed']);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.approval_expired', 'workflow.failed']);
  });

  it('is kept through a pause, and told once', () => {
    const gate = { owner: aRequestOf(aWorkflow()), pausedBy: 'production' };
    const approvedNow = decide({ steps: null, gate }, asked({ ...stamps, [approveAnnotation]: 'true' }), later);
    expect(patchOf(approvedNow)).toMatchObject({ approval: { decision: 'approved' } });
    expect(eventsOf(approvedNow).map(({ reason }) => reason)).toEqual(['ApprovalGranted']);

    const approval = { expiresAt, decision: 'approved', user: 'alice', at: later, planDigest: digest } as const;
    const resumed = decideAsked({ ...stamps, [approveAnnotation]: 'true' }, '2026-01-15T12:00:00Z', { approval });
    expect(patchOf(resumed)).toMatchObject({ phase: 'executing', validationResults: { approvalReceived: true } });
    expect(eventsOf(resumed)).toEqual([]);
  });

  it('can be taken back while the workflow still waits', () => {
    const approval = { expiresAt, decision: 'approved', user: 'alice', at: now, planDigest: digest } as const;
    expect(patchOf(decideAsked({ ...stamps, [rejectAnnotation]: 'stop' }, later, { approval }))).toMatchObject({
      phase: 'failed',
      reason: 'approval_rejected',
    });
  });
});
