import { describe, expect, it } from 'vitest';
import { pausedAnnotation } from '../../../shared/api/labels.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { aRequest, now, said, settings, type RequestOverrides } from '../../../test/support/requests.ts';
import { conditionsOf, createsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import { allOpen } from '../fences.ts';
import { fresh } from './fresh.ts';

const phase = fresh(settings);
const decide = (overrides: RequestOverrides = {}, pausedBy: string | null = null) =>
  phase.decide(aRequest(overrides), { children: [], fences: { ...allOpen, pausedBy } }, now);
const resolved = { status: { phase: '', alertStatus: { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } } } as const;

describe('a new request', () => {
  it('makes its processing before the status names it, and tells once that it began', () => {
    const decision = decide();
    expect(said(decision)).toEqual([
      'create RemediationProcessing rr-1-processing',
      'audit request.phase',
      'enter processing',
      'event Normal RemediationStarted',
    ]);
    expect(patchOf(decision)).toMatchObject({
      startTime: now,
      phaseStartTime: now,
      overallDeadline: '2026-01-15T11:35:20Z',
      remediationProcessingRef: { $created: 0 },
    });
    expect(conditionsOf(decision)).toEqual(['Ready=False Processing', 'Succeeded=Unknown Running']);
    expect(eventsOf(decision)[0]?.message).toBe('Remediation of PodMemoryHigh (critical) on Deployment production/payment-api started');
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it('gives the processing a snapshot of the alert, so that it never looks the request up', () => {
    const [processing] = createsOf(decide());
    expect(processing).toMatchObject({
      metadata: { namespace: 'kubernaut-system', ownerReferences: [{ kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1', controller: true }] },
      spec: {
        remediationRequestRef: { kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1' },
        alert: { name: 'PodMemoryHigh', fingerprint: 'a3f5e2c1b4d60798', severity: 'critical', firingTime: '2026-01-15T10:34:00Z' },
        target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
        targetCluster: 'primary-cluster',
      },
    });
  });

  it('ends at once when the alert is over, and makes nothing', () => {
    const decision = decide(resolved, 'production');
    expect(said(decision)).toEqual(['audit request.completed', 'audit request.outcome', 'enter completed', 'event Normal RemediationCompleted']);
    expect(patchOf(decision)).toMatchObject({
      reason: 'alert_resolved',
      outcome: 'noActionNeeded',
      completionTime: now,
      cleanupScheduledAt: '2026-01-16T10:35:20Z',
    });
    expect(conditionsOf(decision)).toEqual(['Ready=True Completed', 'Succeeded=True NoActionNeeded']);
    expect(rowsOf(decision)[1]?.payload).toEqual({ outcome: 'noActionNeeded' });
  });

  it.each<[sentence: string, overrides: RequestOverrides, pausedBy: string | null, fence: { readonly name: string; readonly message: string }]>([
    ['spec.pause is true', { pause: true }, null, { name: 'rr-1', message: 'spec.pause is true' }],
    ['a namespace is paused', {}, 'production', { name: 'production', message: 'namespace production has the annotation kubernaut.io/paused' }],
    ['both, and the request itself is named', { pause: true }, 'production', { name: 'rr-1', message: 'spec.pause is true' }],
  ])('is held when %s', (_sentence, overrides, pausedBy, { name, message }) => {
    const decision = decide(overrides, pausedBy);
    expect(said(decision)).toEqual(['audit request.blocked', 'enter blocked', 'event Warning RemediationBlocked']);
    expect(patchOf(decision)).toMatchObject({ reason: 'paused', message, blockedBy: { reason: 'paused', name, until: null, resumePhase: 'processing' } });
    expect(conditionsOf(decision)).toContain('Blocked=True Paused');
    expect(eventsOf(decision)[0]?.message).toContain(message);
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it.each<[string, RequestOverrides, string | null]>([
    ['begun', { truncatedAlerts: 3 }, null],
    ['held', { truncatedAlerts: 3, pause: true }, null],
    ['over', { truncatedAlerts: 3, ...resolved }, null],
  ])('says that its notification left alerts out when it is %s', (_word, overrides, pausedBy) => {
    const truncated = eventsOf(decide(overrides, pausedBy)).filter(({ reason }) => reason === 'AlertsTruncated');
    expect(truncated).toMatchObject([{ type: 'Warning', message: expect.stringContaining('left out 3 alerts') }]);
  });

  it('audits its creation when it was made by hand, since nobody else did', () => {
    expect(rowsOf(decide({ source: 'manual' })).map(({ type }) => type)).toEqual(['request.created', 'request.phase']);
    expect(patchOf(decide({ source: 'manual' }))?.['remediationProcessingRef']).toMatchObject({ $created: 0 });
  });

  it('fails when the API will not have its processing', () => {
    const [effect] = decide().effects;
    if (effect === undefined) throw new Error('nothing was decided');
    const decision = phase.refused?.(aRequest(), { effect, status: 422, message: 'spec.alert.name: Too long' }, now);
    const failure = { phase: '', kind: 'RemediationProcessing', name: 'rr-1-processing', reason: 'child_refused', message: 'spec.alert.name: Too long' };
    expect(decision && patchOf(decision)).toMatchObject({ phase: 'failed', reason: 'child_refused', outcome: 'failed', failure });
  });

  it.each<[string, RequestOverrides, string[]]>([
    ['asks the two namespaces', {}, ['production', 'kubernaut-system']],
    ['asks our own alone when the alert names none', { target: { kind: 'Node', name: 'worker-1' } }, ['kubernaut-system']],
    ['asks nothing when it is paused itself', { pause: true }, []],
    ['asks nothing when the alert is over', resolved, []],
    ['asks nothing when it is cancelled', { cancel: true }, []],
  ])('%s', async (_sentence, overrides, names) => {
    const cluster = clusterTwin();
    const asked: string[] = [];
    cluster.onCall = ({ name }) => void asked.push(name);
    await phase.observe(aRequest(overrides), { cluster }, now);
    expect(asked).toEqual(names);
  });

  it('sees the annotation on a namespace, and only the value true', async () => {
    const namespace = (name: string, value: string) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, annotations: { [pausedAnnotation]: value } },
    });
    const look = async (value: string) => (await phase.observe(aRequest(), { cluster: clusterTwin([namespace('production', value)]) }, now)).fences.pausedBy;
    expect([await look('true'), await look('false')]).toEqual(['production', null]);
  });
});
