import { describe, expect, it } from 'vitest';
import type { BlockedBy } from '../../../shared/api/remediation-request.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { aLease, anAnalysis, anOwnLease, anotherRequest, aRequestIn, now, said, settings, type RequestOverrides } from '../../../test/support/requests.ts';
import { aWorkflow, conditionsOf, createsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import type { AnalysisWorld } from '../act-on-analysis.ts';
import { allOpen, type FenceWorld } from '../fences.ts';
import { blocked } from './blocked.ts';

const phase = blocked(settings);
const cooldown: BlockedBy = { reason: 'cooldown', name: 'rr-0', until: '2026-01-15T10:38:00Z', resumePhase: 'executing' };
const busy: BlockedBy = { reason: 'target_busy', name: 'rr-2', until: '2026-01-15T11:35:00Z', resumePhase: 'executing' };
const paused: BlockedBy = { reason: 'paused', name: 'rr-1', resumePhase: 'executing' };
const pausedEarly: BlockedBy = { reason: 'paused', name: 'production', resumePhase: 'processing' };
const resolved = { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } as const;
const isBusy: Partial<FenceWorld> = { leases: [aLease()], holder: anotherRequest('rr-2', 'executing') };

interface Story extends RequestOverrides {
  readonly by?: BlockedBy;
  readonly fences?: Partial<FenceWorld>;
  readonly world?: Partial<AnalysisWorld>;
  readonly at?: Instant;
}

function decide({ by = cooldown, fences = {}, world = {}, at = now, status, ...request }: Story = {}) {
  const early = by.resumePhase === 'processing';
  const held = aRequestIn('blocked', { ...request, status: { blockedBy: by, ...status } });
  return phase.decide(held, { children: [], analysis: early ? null : anAnalysis(), fences: { ...allOpen, ...fences }, leftover: null, ...world }, at);
}

describe('blocked', () => {
  it('goes on to executing when every fence is open, with a deadline moved by the time that it was held', () => {
    const decision = decide({ at: '2026-01-15T10:38:10Z' });
    expect(said(decision).slice(1)).toEqual(['create WorkflowExecution rr-1-workflow', 'audit request.phase', 'enter executing']);
    expect(patchOf(decision)).toMatchObject({ blockedBy: null, reason: null, overallDeadline: '2026-01-15T11:38:00Z' });
    expect(conditionsOf(decision)).toEqual(['Ready=False Executing', 'Succeeded=Unknown Running', 'Blocked=False Released']);
  });

  it('goes on to processing when it was held before it had begun', () => {
    const decision = decide({ by: pausedEarly });
    expect(said(decision)).toEqual([
      'create RemediationProcessing rr-1-processing',
      'audit request.phase',
      'enter processing',
      'event Normal RemediationStarted',
    ]);
    expect(patchOf(decision)).toMatchObject({ blockedBy: null, overallDeadline: '2026-01-15T11:35:20Z', remediationProcessingRef: { $created: 0 } });
    expect(conditionsOf(decision)).toContain('Blocked=False Released');
  });

  it.each<[string, BlockedBy]>([
    ['after the analysis', cooldown],
    ['before the processing', pausedEarly],
  ])('ends when the alert resolves meanwhile, %s', (_sentence, by) => {
    const decision = decide({ by, status: { alertStatus: resolved }, fences: { pausedBy: 'production' } });
    expect(patchOf(decision)).toMatchObject({ phase: 'completed', reason: 'alert_resolved', outcome: 'noActionNeeded', blockedBy: null });
    expect(conditionsOf(decision)).toContain('Blocked=False Released');
  });

  it.each<[sentence: string, story: Story, wakeAfterSeconds: number]>([
    ['a lock, until its holder should be over', { by: busy, fences: isBusy }, 900],
    ['a cooldown, until its end', { fences: { sameTarget: [anotherRequest('rr-0', 'failed', { status: { completionTime: '2026-01-15T10:33:00Z' } })] } }, 160],
    ['a person, for as long as patience lasts', { by: paused, pause: true }, 900],
    ['a paused namespace, before it began', { by: pausedEarly, fences: { pausedBy: 'production' } }, 900],
  ])('stays, and writes nothing, while it is held by %s', (_sentence, story, wakeAfterSeconds) => {
    expect(decide(story)).toEqual({ effects: [], wakeAfterSeconds: [wakeAfterSeconds] });
  });

  it('keeps the first until of a fence, though its holder is given more time', () => {
    const later = anotherRequest('rr-2', 'executing', { status: { overallDeadline: '2026-01-15T14:00:00Z' } });
    const by = { ...busy, until: '2026-01-15T10:36:00Z' };
    expect(decide({ by, fences: { leases: [aLease()], holder: later } })).toEqual({ effects: [], wakeAfterSeconds: [40] });
  });

  it('says so when another fence closes in place of the first', () => {
    const decision = decide({ fences: isBusy });
    expect(said(decision)).toEqual(['audit request.blocked', 'write status']);
    expect(patchOf(decision)).toMatchObject({
      reason: 'target_busy',
      blockedBy: { reason: 'target_busy', name: 'rr-2', until: '2026-01-15T11:35:00Z', resumePhase: 'executing' },
    });
    expect(patchOf(decision)).not.toHaveProperty('phaseStartTime');
    expect(conditionsOf(decision)).toEqual(['Blocked=True TargetBusy']);
    expect(rowsOf(decision)).toMatchObject([{ phaseFrom: 'blocked', phaseTo: 'blocked', reason: 'target_busy' }]);
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it('gives back a lock of an older state without a word, and one of this state after a write that makes its taker lose', () => {
    const leases = (takenOn: string) => [anOwnLease({ name: 'target-0', takenOn }), aLease()];
    expect(said(decide({ by: busy, fences: { ...isBusy, leases: leases('8') } }))).toEqual(['delete Lease target-0']);
    const fresh = decide({ by: busy, fences: { ...isBusy, leases: leases('9') } });
    expect(said(fresh)).toEqual(['write status', 'delete Lease target-0']);
    expect(patchOf(fresh)).toEqual({ leaseRefs: [{ name: 'target-0', uid: 'lease1' }] });
  });

  it.each<[sentence: string, story: Story, deadline: string]>([
    [
      'an hour, held by a cooldown that does not end',
      { at: '2026-01-15T11:35:10Z', fences: { sameTarget: [anotherRequest('rr-0', 'failed', { status: { completionTime: '2026-01-15T11:34:00Z' } })] } },
      '2026-01-15T11:35:10Z',
    ],
    ['five minutes after the holder should have been over', { by: busy, at: '2026-01-15T11:40:00Z', fences: isBusy }, '2026-01-15T11:40:00Z'],
    ['a day, held by a person', { by: paused, pause: true, at: '2026-01-16T10:35:10Z' }, '2026-01-16T10:35:10Z'],
  ])('loses patience after %s', (_sentence, story, deadline) => {
    const decision = decide(story);
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'deadline_exceeded',
      message: expect.stringContaining(`phase blocked was not over by ${deadline}: `),
      outcome: 'failed',
      blockedBy: null,
    });
    expect(eventsOf(decision)).toMatchObject([{ type: 'Warning', reason: 'RemediationFailed', message: expect.stringContaining('deadline_exceeded') }]);
  });

  it.each<[string, Story]>([
    ['an hour of another fence', { by: busy, at: '2026-01-15T11:39:59Z', fences: isBusy }],
    ['a day of a pause', { by: paused, pause: true, at: '2026-01-16T10:35:09Z' }],
  ])('has patience for %s', (_sentence, story) => {
    expect(decide(story).effects).toEqual([]);
  });

  it('looks at the world before it loses patience', () => {
    expect(patchOf(decide({ by: busy, at: '2026-01-15T12:00:00Z' }))).toMatchObject({ phase: 'executing' });
  });

  it('makes a workflow anew that ended before anybody named it, and takes up one that lives', () => {
    const orphan = aWorkflow({ status: { phase: 'failed', reason: 'orphaned' } });
    const decision = decide({ world: { leftover: orphan } });
    expect(said(decision).slice(1, 3)).toEqual(['delete WorkflowExecution rr-1-workflow', 'create WorkflowExecution rr-1-workflow']);
    expect(patchOf(decision)).toMatchObject({ workflowRef: { $created: 2 } });
    expect(said(decide({ world: { leftover: aWorkflow() } })).slice(1, 2)).toEqual(['create WorkflowExecution rr-1-workflow']);
  });

  it('fails when its analysis is gone meanwhile', () => {
    expect(patchOf(decide({ world: { analysis: null, fences: null } }))).toMatchObject({ phase: 'failed', reason: 'child_missing', blockedBy: null });
  });

  it('takes up what was begun when its status does not say where it was held', () => {
    const lost = aRequestIn('blocked');
    const { blockedBy: _lost, ...status } = lost.status ?? { phase: 'blocked' as const };
    const world = { children: [], analysis: anAnalysis(), fences: allOpen, leftover: null };
    expect(patchOf(phase.decide({ ...lost, status }, world, now))).toMatchObject({ phase: 'executing' });
    const { aiAnalysisRef: _none, ...early } = status;
    expect(createsOf(phase.decide({ ...lost, status: early }, { ...world, analysis: null }, now))[0]?.kind).toBe('RemediationProcessing');
  });

  it.each<[string, BlockedBy, string]>([
    ['its fence', cooldown, '2026-01-15T11:35:10Z'],
    ['a later until', busy, '2026-01-15T11:40:00Z'],
    ['a person', paused, '2026-01-16T10:35:10Z'],
  ])('may be ended from outside when %s has lasted too long', (_sentence, by, deadline) => {
    expect(phase.deadline?.(aRequestIn('blocked', { status: { blockedBy: by } }))).toBe(deadline);
  });
});

describe('what blocked asks', () => {
  const look = async (by: BlockedBy, overrides: RequestOverrides = {}) => {
    const cluster = clusterTwin([{ ...anAnalysis() }]);
    const asked: string[] = [];
    cluster.onCall = ({ verb, kind, name }) => void asked.push(`${verb} ${kind} ${name}`.trimEnd());
    await phase.observe(aRequestIn('blocked', { ...overrides, status: { blockedBy: by } }), { cluster }, now);
    return asked;
  };

  it('is the namespaces alone before it began, and nothing when it is paused itself', async () => {
    expect(await look(pausedEarly)).toEqual(['get Namespace production', 'get Namespace kubernaut-system']);
    expect(await look(pausedEarly, { pause: true })).toEqual([]);
  });

  it('is every fence after the analysis, and the workflow that may lie there when it is to start', async () => {
    const asked = await look(cooldown);
    expect(asked.at(0)).toBe('get AIAnalysis rr-1-analysis');
    expect(asked.at(-1)).toBe('get WorkflowExecution rr-1-workflow');
    expect((await look(paused, { pause: true })).filter((call) => !call.includes('Lease'))).toEqual(['get AIAnalysis rr-1-analysis']);
  });
});
