import { describe, expect, it } from 'vitest';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { aCompletedProcessing, aRequestIn, now, resolvedTarget, said, settings, targetHashOf } from '../../../test/support/requests.ts';
import { aProcessing } from '../../../test/support/processings.ts';
import { conditionsOf, createsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import { processing } from './processing.ts';

const phase = processing(settings);
const request = aRequestIn('processing');
const decide = (child: RemediationProcessing | null) => phase.decide(request, { processing: child, children: child === null ? [] : [child] }, now);

describe('processing', () => {
  it('waits for a processing that runs, and watches the deadline', () => {
    expect(decide(aProcessing())).toEqual({ effects: [], wakeAfterSeconds: [900] });
  });

  it('labels the request before the status says that others may look for it', () => {
    const decision = decide(aCompletedProcessing());
    expect(said(decision)).toEqual(['create AIAnalysis rr-1-analysis', 'audit request.phase', 'patch metadata of itself', 'enter analyzing']);
    expect(decision.effects[2]).toEqual({ kind: 'PatchMetadata', labels: { 'kubernaut.io/target-hash': targetHashOf() } });
    expect(patchOf(decision)).toMatchObject({ aiAnalysisRef: { $created: 0 }, environment: 'production', priority: 'P0' });
    expect(conditionsOf(decision)).toEqual(['Ready=False Analyzing', 'Succeeded=Unknown Running']);
    expect(decision.wakeAfterSeconds).toEqual([900]);
  });

  it('gives the analysis everything by value: what was found, who is asked, and what may be recommended', () => {
    expect(createsOf(decide(aCompletedProcessing()))[0]).toMatchObject({
      metadata: { name: 'rr-1-analysis', ownerReferences: [{ uid: 'rr1', controller: true }] },
      spec: {
        remediationRequestRef: { name: 'rr-1', uid: 'rr1' },
        alertContext: { name: 'PodMemoryHigh', severity: 'critical' },
        target: resolvedTarget,
        kubernetesContext: { workload: { replicas: 2 } },
        contextQuality: 'complete',
        environment: 'production',
        priority: 'P0',
        provider: 'rules',
        constraints: { minConfidence: 0.6, approvalBelowConfidence: 0.8, maxReplicas: 1000, maxScaleFactor: 3, maxScaleStep: 20 },
      },
    });
  });

  it('goes on with a context that could not be read whole', () => {
    const { kubernetesContext: _unread, ...status } = aCompletedProcessing({ contextQuality: 'degraded', missing: [{ source: 'events', reason: 'forbidden' }] })
      .status ?? { phase: '' };
    const child = { ...aCompletedProcessing(), status };
    expect(createsOf(decide(child))[0]).toMatchObject({
      spec: { kubernetesContext: {}, contextQuality: 'degraded', missing: [{ source: 'events', reason: 'forbidden' }] },
    });
  });

  it.each<[sentence: string, child: RemediationProcessing | null, reason: string, message: string]>([
    ['failed', aProcessing({}, { phase: 'failed', reason: 'target_not_found', message: 'no pod is named x' }), 'target_not_found', 'no pod is named x'],
    ['failed without a word', aProcessing({}, { phase: 'failed' }), 'child_missing', 'failed without a message'],
    ['is gone', null, 'child_missing', 'RemediationProcessing rr-1-processing is gone'],
    ['completed for nothing', aProcessing({}, { phase: 'completed' }), 'target_not_found', 'completed without target, environment or priority'],
  ])('fails with its reason when the processing %s', (_sentence, child, reason, message) => {
    const decision = decide(child);
    expect(said(decision)).toEqual(['audit request.failed', 'audit request.outcome', 'enter failed', 'event Warning RemediationFailed']);
    expect(patchOf(decision)).toMatchObject({
      reason,
      outcome: 'failed',
      failure: { phase: 'processing', kind: 'RemediationProcessing', name: 'rr-1-processing', reason, message: expect.stringContaining(message) },
      cleanupScheduledAt: '2026-01-16T10:35:20Z',
    });
    expect(eventsOf(decision)[0]?.message).toContain(`Remediation failed: ${reason}: `);
    expect(rowsOf(decision)[1]).toMatchObject({ type: 'request.outcome', payload: { outcome: 'failed' } });
  });

  it('takes a processing that was remade under its name for gone', async () => {
    const remade = { ...aProcessing(), metadata: { ...aProcessing().metadata, uid: 'another' } };
    const cluster = clusterTwin([{ ...remade }]);
    expect(await phase.observe(request, { cluster }, now)).toEqual({ processing: null, children: [] });
  });

  it('may be ended from outside at the overall deadline, since nothing of it acts', () => {
    expect(phase.deadline?.(request)).toBe('2026-01-15T11:35:00Z');
  });
});
