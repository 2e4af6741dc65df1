import { describe, expect, it } from 'vitest';
import { leaseName } from '../../shared/api/names.ts';
import { aRequestWorld, type RequestWorld } from '../../test/support/request-world.ts';
import { targetHashOf } from '../../test/support/requests.ts';

const lock = leaseName(targetHashOf());
const workflowEnd = {
  completionTime: '2026-01-15T10:36:50Z',
  overallSuccess: true,
  stepStatuses: [{ stepName: 'scale-deployment', phase: 'completed' }],
  executionPlan: {
    strategy: 'sequential',
    estimatedDuration: '5m',
    rollbackStrategy: 'automatic',
    executionOrder: [{ batch: 1, steps: ['scale-deployment'], parallel: false }],
    actualDuration: '1m35s',
    digest: `sha256:${'0'.repeat(64)}`,
    worstCaseSeconds: 1_320,
  },
};

async function aWorldWith(...names: readonly string[]): Promise<RequestWorld> {
  const world = await aRequestWorld();
  for (const name of names) await world.fire(name);
  return world;
}

describe('a remediation that goes well', () => {
  it('makes the stages one after another and ends with their results, in few requests', async () => {
    const world = await aWorldWith('rr-1');
    expect((await world.settle()).status?.phase).toBe('processing');
    await world.analyse();
    const { status, metadata } = await world.request();
    expect(status).toMatchObject({ phase: 'executing', environment: 'production', priority: 'P0', topAction: 'scale_deployment', leaseRefs: [{ name: lock }] });
    expect(metadata.labels).toMatchObject({ 'kubernaut.io/target-hash': targetHashOf() });
    expect(await world.leases()).toEqual([`${lock} rr-1`]);

    const ended = await world.finish('WorkflowExecution', workflowEnd);
    expect(ended.status).toMatchObject({
      phase: 'completed',
      completionTime: '2026-01-15T10:36:50Z',
      workflowResults: { success: true, stepsExecuted: 1, duration: '1m35s' },
      cleanupScheduledAt: '2026-01-16T10:36:50Z',
    });
    expect(ended.status).not.toHaveProperty('outcome');
    expect(await world.leases()).toEqual([]);
    expect(await world.events()).toEqual(['Normal RemediationStarted', 'Normal RemediationCompleted']);
    expect(world.rows()).toEqual(['request.phase', 'request.phase', 'request.phase', 'request.completed']);
    expect(world.requests.length).toBeLessThanOrEqual(38);
  });

  it('gives every child its owner, its labels and its trace', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    const { uid } = (await world.request()).metadata;
    for (const kind of ['RemediationProcessing', 'AIAnalysis', 'WorkflowExecution'] as const) {
      const child = await world.child(kind);
      expect(child?.metadata).toMatchObject({
        ownerReferences: [{ kind: 'RemediationRequest', name: 'rr-1', uid, controller: true }],
        labels: { 'app.kubernetes.io/managed-by': 'kubernaut', 'kubernaut.io/remediation-request': 'rr-1' },
        annotations: { 'kubernaut.io/traceparent': `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      });
    }
  });

  it('asks no more once it is over than two lists', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    await world.finish('WorkflowExecution', workflowEnd);
    const before = world.requests.length;
    await world.pass();
    expect(world.requests.slice(before).map((request) => request.split(' ')[0])).toEqual(['GET', 'GET', 'GET']);
  });

  it('lets an approved plan take its time', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    const long = { ...workflowEnd.executionPlan, worstCaseSeconds: 7_200 };
    await world.finish('WorkflowExecution', { phase: 'executing', completionTime: null, executionPlan: long });
    expect((await world.request()).status?.overallDeadline).toBe('2026-01-15T12:50:20Z');
    await world.elapse(8_000);
    expect((await world.request()).status?.phase).toBe('executing');
  });
});

describe('two requests for one target', () => {
  it('never act together: the second waits, is woken by the end of the first, and then for the cooldown', async () => {
    const world = await aWorldWith('rr-1', 'rr-2');
    await world.analyse('rr-1');
    const held = await world.analyse('rr-2');
    expect(held.status).toMatchObject({
      phase: 'blocked',
      reason: 'target_busy',
      blockedBy: { name: 'rr-1', until: '2026-01-15T11:35:20Z', resumePhase: 'executing' },
    });
    expect(await world.leases()).toEqual([`${lock} rr-1`]);

    await world.finish('WorkflowExecution', workflowEnd, 'rr-1');
    expect(world.woken()).toEqual(['remediation-requests/rr-2']);
    const cooling = await world.settle('rr-2');
    expect(cooling.status).toMatchObject({ phase: 'blocked', reason: 'cooldown', blockedBy: { name: 'rr-1', until: '2026-01-15T10:41:50Z' } });
    await world.elapse(400);
    const second = await world.request('rr-2');
    expect(second.status).toMatchObject({ phase: 'executing', leaseRefs: [{ name: lock }] });
    expect(second.status).not.toHaveProperty('blockedBy');
    expect(await world.leases()).toEqual([`${lock} rr-2`]);
    expect(await world.child('WorkflowExecution', 'rr-2')).not.toBeNull();
  });
});

describe('a person', () => {
  it('cancels before anything was made', async () => {
    const world = await aWorldWith('rr-1');
    await world.setSpec({ cancel: true });
    expect((await world.settle()).status).toMatchObject({ phase: 'cancelled', outcome: 'cancelled' });
    expect(await world.child('RemediationProcessing')).toBeNull();
  });

  it('cancels a running workflow, whose end is awaited', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    await world.setSpec({ cancel: true });
    expect((await world.settle()).status).toMatchObject({ phase: 'executing', reason: 'cancelled' });
    expect((await world.child('WorkflowExecution'))?.metadata.annotations).toMatchObject({ 'kubernaut.io/cancel-requested': 'true' });
    expect(await world.leases()).toEqual([`${lock} rr-1`]);
    const ended = await world.finish('WorkflowExecution', { phase: 'failed', reason: 'cancelled', message: 'rolled back scale-deployment' });
    expect(ended.status).toMatchObject({ phase: 'cancelled', outcome: 'cancelled', message: expect.stringContaining('rolled back scale-deployment') });
    expect(await world.leases()).toEqual([]);
  });

  it('pauses a namespace, and lets it go on', async () => {
    const world = await aWorldWith('rr-1');
    await world.pauseNamespace('production', 'true');
    expect((await world.settle()).status).toMatchObject({ phase: 'blocked', blockedBy: { reason: 'paused', name: 'production', resumePhase: 'processing' } });
    await world.pauseNamespace('production', null);
    expect((await world.settle()).status).toMatchObject({ phase: 'processing' });
    expect(await world.events()).toEqual(['Warning RemediationBlocked', 'Normal RemediationStarted']);
  });

  it('pauses for longer than anybody waits', async () => {
    const world = await aWorldWith('rr-1');
    await world.setSpec({ pause: true });
    await world.settle();
    await world.elapse(86_390);
    expect((await world.request()).status?.phase).toBe('blocked');
    await world.elapse(60);
    expect((await world.request()).status).toMatchObject({
      phase: 'failed',
      reason: 'deadline_exceeded',
      message: expect.stringContaining('spec.pause is true'),
    });
  });
});

describe('a remediation that does not end', () => {
  it('is asked to, at its deadline, and ends when its workflow has', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    await world.elapse(3_700);
    expect((await world.request()).status).toMatchObject({ phase: 'executing', reason: 'deadline_exceeded' });
    const ended = await world.finish('WorkflowExecution', { phase: 'failed', reason: 'cancelled', message: 'cancelled' });
    expect(ended.status).toMatchObject({ phase: 'failed', reason: 'deadline_exceeded', outcome: 'failed' });
    expect(await world.events()).toContain('Warning RemediationFailed');
  });

  it('ends by itself where no child answers any more', async () => {
    const world = await aWorldWith('rr-1');
    await world.settle();
    const processing = await world.child('RemediationProcessing');
    await world.administrator.delete(
      { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationProcessing', name: 'rr-1-processing', namespace: 'kubernaut-system' },
      { uid: processing?.metadata.uid ?? '', propagationPolicy: 'Background' },
    );
    expect((await world.settle()).status).toMatchObject({ phase: 'failed', reason: 'child_missing', failure: { kind: 'RemediationProcessing' } });
  });
});

describe('an alert that resolves', () => {
  const resolved = { alertStatus: { state: 'resolved', lastSeen: '2026-01-15T10:36:00Z', resolvedAt: '2026-01-15T10:36:00Z', occurrences: 1 } };

  it('ends an analysis that is no longer needed, which is asked to cancel', async () => {
    const world = await aWorldWith('rr-1');
    await world.settle();
    await world.finish('RemediationProcessing', {
      phase: 'completed',
      resolvedTarget: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production', uid: 'u1' },
      environment: 'production',
      priority: 'P0',
    });
    await world.setStatus(resolved);
    expect((await world.settle()).status).toMatchObject({ phase: 'completed', reason: 'alert_resolved', outcome: 'noActionNeeded' });
    expect((await world.child('AIAnalysis'))?.metadata.annotations).toMatchObject({ 'kubernaut.io/cancel-requested': 'true' });
  });

  it('makes a workflow that completes afterwards a success that is known', async () => {
    const world = await aWorldWith('rr-1');
    await world.analyse();
    await world.setStatus(resolved);
    expect((await world.settle()).status?.phase).toBe('executing');
    expect((await world.finish('WorkflowExecution', workflowEnd)).status).toMatchObject({ phase: 'completed', outcome: 'remediated' });
    expect(world.rows()).toContain('request.outcome');
  });
});

describe('what the API refuses', () => {
  it('ends a request whose name is taken by a stranger', async () => {
    const world = await aWorldWith('rr-1', 'rr-9');
    await world.settle('rr-1');
    const taken = await world.child('RemediationProcessing', 'rr-1');
    const metadata = { name: 'rr-9-processing', namespace: 'kubernaut-system' };
    await world.administrator.create({ apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationProcessing', metadata, spec: taken?.['spec'] });
    const ended = await world.settle('rr-9');
    expect(ended.status).toMatchObject({
      phase: 'failed',
      reason: 'child_refused',
      failure: { name: 'rr-9-processing', message: expect.stringContaining('belongs to another owner') },
    });
  });
});
