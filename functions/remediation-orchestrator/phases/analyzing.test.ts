import { describe, expect, it } from 'vitest';
import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { leaseName } from '../../../shared/api/names.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aLease,
  anAnalysis,
  anOwnLease,
  anotherRequest,
  aRecommendation,
  aRequestIn,
  deletesOf,
  now,
  said,
  settings,
  targetHashOf,
  type AnalysisOverrides,
  type RequestOverrides,
} from '../../../test/support/requests.ts';
import { conditionsOf, createsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import { allOpen, type FenceWorld } from '../fences.ts';
import { analyzing } from './analyzing.ts';

const phase = analyzing(settings);
const deploymentLease = leaseName(targetHashOf());
const podLease = leaseName(targetHashOf({ kind: 'Pod', name: 'payment-api-7d4b' }));

interface Story extends AnalysisOverrides {
  readonly request?: RequestOverrides;
  readonly fences?: Partial<FenceWorld>;
}

function decide({ request = {}, fences = {}, ...analysis }: Story = {}) {
  const child = anAnalysis(analysis);
  return phase.decide(aRequestIn('analyzing', request), { children: [child], analysis: child, fences: { ...allOpen, ...fences }, leftover: null }, now);
}

const decideOn = (analysis: AIAnalysis | null) =>
  phase.decide(aRequestIn('analyzing'), { children: analysis === null ? [] : [analysis], analysis, fences: null, leftover: null }, now);

const restartPod = aRecommendation({ action: 'restart_pod', safetyLevel: 'moderate', parameters: { namespace: 'production', pod: 'payment-api-7d4b' } });
const resolved = { status: { alertStatus: { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } } } as const;

describe('analyzing', () => {
  it('takes the lock, makes the workflow, and only then names it', () => {
    const decision = decide();
    expect(said(decision)).toEqual([`create Lease ${deploymentLease}`, 'create WorkflowExecution rr-1-workflow', 'audit request.phase', 'enter executing']);
    expect(patchOf(decision)).toMatchObject({
      leaseRefs: [{ $created: 0, fields: ['name', 'uid'] }],
      workflowRef: { $created: 1 },
      topAction: 'scale_deployment',
      overallDeadline: '2026-01-15T11:35:00Z',
    });
    expect(rowsOf(decision)[0]).toMatchObject({
      message: 'scale_deployment in 1 step',
      payload: { action: 'scale_deployment', confidence: 0.92, recommendationID: 'rec-001', approvalReasons: [] },
    });
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it('names the lock after the target, and says whose it is and on which state it was taken', () => {
    expect(createsOf(decide())[0]).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { name: deploymentLease, annotations: { 'kubernaut.io/taken-on': '9' }, ownerReferences: [{ uid: 'rr1' }] },
      spec: { holderIdentity: 'rr1', acquireTime: '2026-01-15T10:35:20.000000Z' },
    });
  });

  it('takes one lock for the target and one for what else a step names, in ascending order', () => {
    const created = createsOf(decide({ recommendation: restartPod })).map(({ metadata }) => metadata.name);
    expect(created).toEqual([...[deploymentLease, podLease].toSorted(), 'rr-1-workflow']);
  });

  it('keeps a lock that it took on this very state, and takes an older one anew', () => {
    expect(said(decide({ fences: { leases: [anOwnLease()] } })).slice(0, 2)).toEqual(['create WorkflowExecution rr-1-workflow', 'audit request.phase']);
    expect(patchOf(decide({ fences: { leases: [anOwnLease()] } }))?.['leaseRefs']).toEqual([{ name: deploymentLease, uid: 'lease1' }]);
    const old = decide({ fences: { leases: [anOwnLease({ takenOn: '8' })] } });
    expect(said(old).slice(0, 2)).toEqual([`delete Lease ${deploymentLease}`, `create Lease ${deploymentLease}`]);
    expect(patchOf(old)).toMatchObject({ leaseRefs: [{ $created: 1 }], workflowRef: { $created: 2 } });
  });

  it('moves the deadline by the time that a person has to decide', () => {
    expect(patchOf(decide({ recommendation: { safetyLevel: 'moderate' } }))).toMatchObject({ overallDeadline: '2026-01-15T11:50:00Z' });
    expect(patchOf(decide({ recommendation: { safetyLevel: 'moderate' }, request: { dryRun: true } }))).toMatchObject({
      overallDeadline: '2026-01-15T11:35:00Z',
    });
  });

  it.each<[sentence: string, story: Story, fence: { readonly reason: string; readonly name: string; readonly until: string | null }, words: string]>([
    ['the request is paused', { request: { pause: true } }, { reason: 'paused', name: 'rr-1', until: null }, 'spec.pause is true'],
    [
      'a namespace is paused',
      { fences: { pausedBy: 'kubernaut-system' } },
      { reason: 'paused', name: 'kubernaut-system', until: null },
      'namespace kubernaut-system has the annotation',
    ],
    [
      'another request works on the target',
      { fences: { leases: [aLease()], holder: anotherRequest('rr-2', 'executing') } },
      { reason: 'target_busy', name: 'rr-2', until: '2026-01-15T11:35:00Z' },
      `rr-2 works on it: it holds Lease ${deploymentLease}`,
    ],
    [
      'a request that is gone still holds the lock',
      { fences: { leases: [aLease()] } },
      { reason: 'target_busy', name: 'rr-2', until: '2026-01-15T10:40:20Z' },
      'rr-2 works on it',
    ],
    [
      'a lock names nobody',
      { fences: { leases: [aLease({ holderName: '', holderUid: '' })] } },
      { reason: 'target_busy', name: deploymentLease, until: '2026-01-15T10:40:20Z' },
      deploymentLease,
    ],
    [
      'the last remediation of the target ended a minute ago',
      { fences: { sameTarget: [anotherRequest('rr-0', 'completed', { status: { completionTime: '2026-01-15T10:34:20Z' } })] } },
      { reason: 'cooldown', name: 'rr-0', until: '2026-01-15T10:39:20Z' },
      'rr-0 for the same target ended less than 300 s ago',
    ],
  ])('is held when %s', (_sentence, story, fence, words) => {
    const decision = decide(story);
    expect(said(decision).slice(0, 3)).toEqual(['audit request.blocked', 'enter blocked', 'event Warning RemediationBlocked']);
    expect(patchOf(decision)).toMatchObject({
      reason: fence.reason,
      message: expect.stringContaining(words),
      topAction: 'scale_deployment',
      blockedBy: { ...fence, resumePhase: 'executing' },
    });
    expect(conditionsOf(decision)[2]).toMatch(/^Blocked=True (Paused|TargetBusy|Cooldown)$/);
    expect(eventsOf(decision)[0]?.message).toContain(words);
    expect(createsOf(decision)).toEqual([]);
  });

  it('gives back what it holds only after the status says that it is held', () => {
    const leases = [anOwnLease({ name: podLease, uid: 'own' }), aLease()];
    const decision = decide({ recommendation: restartPod, fences: { leases } });
    expect(said(decision).slice(1)).toEqual(['enter blocked', 'event Warning RemediationBlocked', `delete Lease ${podLease}`]);
    expect(deletesOf(decision)[0]?.ref.uid).toBe('own');
  });

  it.each<[sentence: string, sameTarget: FenceWorld['sameTarget']]>([
    ['longer ago', [anotherRequest('rr-0', 'completed', { status: { completionTime: '2026-01-15T10:30:20Z' } })]],
    ['and was a dry run, which changed nothing', [anotherRequest('rr-0', 'completed', { dryRun: true })]],
    ['not at all yet', [anotherRequest('rr-0', 'analyzing'), anotherRequest('rr-3', 'blocked')]],
  ])('goes on when another request for the target ended %s', (_sentence, sameTarget) => {
    expect(patchOf(decide({ fences: { sameTarget } }))).toMatchObject({ phase: 'executing' });
  });

  it('waits for an analysis that runs', () => {
    expect(decideOn(anAnalysis({ status: { phase: 'recommending' } }))).toEqual({ effects: [], wakeAfterSeconds: [900] });
  });

  it.each<[sentence: string, analysis: AIAnalysis | null, reason: string, words: string]>([
    [
      'failed',
      anAnalysis({ status: { phase: 'failed', reason: 'invalid_analysis', message: 'nothing consistent is left' } }),
      'invalid_analysis',
      'nothing consistent',
    ],
    ['is gone', null, 'child_missing', 'AIAnalysis rr-1-analysis is gone'],
    ['chose nothing', unchosen(), 'invalid_analysis', 'completed with recommendations and chose none of them'],
    [
      'chose what it does not recommend',
      anAnalysis({ status: { recommendations: [aRecommendation({ id: 'rec-002' })] } }),
      'invalid_analysis',
      'chose rec-001',
    ],
  ])('fails when the analysis %s', (_sentence, analysis, reason, words) => {
    const decision = decideOn(analysis);
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason,
      outcome: 'failed',
      failure: { phase: 'analyzing', kind: 'AIAnalysis', reason, message: expect.stringContaining(words) },
    });
  });

  it.each<[sentence: string, analysis: AIAnalysis, request: RequestOverrides, reason: string]>([
    ['nothing is recommended', anAnalysis({ status: { recommendations: [] } }), {}, 'no_action_needed'],
    ['the alert resolved while it was analysed', anAnalysis({ status: { phase: 'investigating' } }), resolved, 'alert_resolved'],
    ['the alert resolved before anything was begun', anAnalysis(), resolved, 'alert_resolved'],
    ['the alert resolved though the analysis failed', anAnalysis({ status: { phase: 'failed' } }), resolved, 'alert_resolved'],
  ])('needs no action when %s', (_sentence, analysis, overrides, reason) => {
    const decision = phase.decide(aRequestIn('analyzing', overrides), { children: [analysis], analysis, fences: null, leftover: null }, now);
    expect(patchOf(decision)).toMatchObject({ phase: 'completed', reason, outcome: 'noActionNeeded' });
    expect(conditionsOf(decision)).toEqual(['Ready=True Completed', 'Succeeded=True NoActionNeeded']);
  });

  it('begins nothing when nobody looked at the fences', () => {
    expect(decideOn(anAnalysis())).toEqual({ effects: [] });
  });

  it('fails when the API will not have the workflow', () => {
    const effect = decide().effects.findLast(({ kind }) => kind === 'CreateResource');
    if (effect === undefined) throw new Error('nothing is created');
    const decision = phase.refused?.(aRequestIn('analyzing'), { effect, status: 409, message: 'WorkflowExecution rr-1-workflow exists already' }, now);
    expect(decision && patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'child_refused',
      failure: { kind: 'WorkflowExecution', name: 'rr-1-workflow' },
    });
    expect(phase.refused?.(aRequestIn('analyzing'), { effect: { kind: 'PatchStatus', status: {} }, status: 403, message: 'forbidden' }, now)).toBeNull();
  });
});

describe('what analyzing asks', () => {
  const look = async (analysis: AIAnalysis, overrides: RequestOverrides = {}, seeds: Parameters<typeof clusterTwin>[0] = []) => {
    const cluster = clusterTwin([{ ...analysis }, ...seeds]);
    const asked: string[] = [];
    cluster.onCall = ({ verb, kind, name }) => void asked.push(`${verb} ${kind} ${name}`.trimEnd());
    return { world: await phase.observe(aRequestIn('analyzing', overrides), { cluster }, now), asked };
  };

  it('is the analysis alone while that runs', async () => {
    expect((await look(anAnalysis({ status: { phase: 'investigating' } }))).asked).toEqual(['get AIAnalysis rr-1-analysis']);
  });

  it('is every fence once the analysis is valid', async () => {
    const { asked, world } = await look(anAnalysis());
    expect(asked).toEqual([
      'get AIAnalysis rr-1-analysis',
      'get Namespace production',
      'get Namespace kubernaut-system',
      `get Lease ${deploymentLease}`,
      'list RemediationRequest',
    ]);
    expect(world.fences).toEqual(allOpen);
  });

  it('is who holds the lock, and then not who ended last', async () => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: deploymentLease, namespace: 'kubernaut-system', labels: { 'kubernaut.io/remediation-request': 'rr-2' } },
      spec: { holderIdentity: 'rr2' },
    };
    const { asked, world } = await look(anAnalysis(), {}, [lease, { ...anotherRequest('rr-2', 'executing') }]);
    expect(asked.slice(3)).toEqual([`get Lease ${deploymentLease}`, 'get RemediationRequest rr-2']);
    expect(world.fences).toMatchObject({ leases: [{ holderName: 'rr-2', holderUid: 'rr2' }], holder: { metadata: { name: 'rr-2' } }, sameTarget: [] });
  });

  it('leaves the request itself out of those for the same target', async () => {
    const itself = anotherRequest('rr-1', 'analyzing', { metadata: { uid: 'rr1' } });
    const { world } = await look(anAnalysis(), {}, [{ ...itself }, { ...anotherRequest('rr-0', 'completed') }]);
    expect(world.fences?.sameTarget.map(({ metadata }) => metadata.name)).toEqual(['rr-0']);
  });
});

function unchosen(): AIAnalysis {
  const { topRecommendation: _unset, ...status } = anAnalysis().status ?? { phase: 'completed' as const };
  return { ...anAnalysis(), status };
}
