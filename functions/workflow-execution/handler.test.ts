import { describe, expect, it } from 'vitest';
import {
  approveAnnotation,
  cancelRequestedAnnotation,
  decidedAtAnnotation,
  decidedByAnnotation,
  pausedAnnotation,
  planDigestAnnotation,
} from '../../shared/api/labels.ts';
import { aStep } from '../../test/support/workflows.ts';
import type { RoomAccess } from '../../shared/kubernetes/access.ts';
import { access } from './access.ts';
import { aWorkflowWorld, type WorkflowWorld } from '../../test/support/workflow-world.ts';

const [production, kubernautSystem] = ['production', 'kubernaut-system'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', name }));
const request = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', namespace: 'kubernaut-system' };
const two = [aStep('a'), aStep('b')];

/** The one step has completed and the window is open. */
async function aWatchedWorld(...of: Parameters<typeof aWorkflowWorld>): Promise<WorkflowWorld> {
  const world = await aWorkflowWorld(...of);
  await world.settle();
  await world.elapse(30);
  await world.setTarget(5, 5);
  await world.finish('scale-deployment', 'completed');
  return world;
}

describe('a workflow in a cluster', () => {
  it('goes the way of the specification', async () => {
    const world = await aWorkflowWorld();
    const started = await world.settle();
    expect(started.status).toMatchObject({
      phase: 'executing',
      currentStep: 1,
      totalSteps: 1,
      stepStatuses: [{ stepName: 'scale-deployment', phase: 'executing' }],
    });
    const execution = await world.execution('scale-deployment');
    expect(execution.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'kubernaut', 'kubernaut.io/remediation-request': 'rr-1' });
    expect(started.status?.stepStatuses?.[0]?.executionRef).toMatchObject({
      kind: 'KubernetesExecution',
      name: execution.metadata.name,
      uid: execution.metadata.uid,
    });

    await world.elapse(30);
    await world.setTarget(5, 5);
    expect((await world.finish('scale-deployment', 'completed')).status).toMatchObject({ phase: 'monitoring', stepStatuses: [{ phase: 'completed' }] });

    expect((await world.elapse(59)).status).toMatchObject({ phase: 'monitoring' });
    const { status } = await world.elapse(1);
    expect(status).toMatchObject({
      phase: 'completed',
      overallSuccess: true,
      executionPlan: { estimatedDuration: '5m', actualDuration: '1m30s' },
      monitoring: { result: 'stable' },
    });
    expect(await world.events()).toEqual(['Normal WorkflowCompleted']);
    expect(world.rows()).toEqual(['workflow.planned', 'workflow.validated', 'workflow.step_started', 'workflow.step_finished', 'workflow.completed']);
  });

  it('asks the API server little', async () => {
    const world = await aWatchedWorld();
    await world.elapse(600);
    expect(world.requests.length).toBeLessThanOrEqual(42);
  });

  it('undoes what does not stay stable', async () => {
    const world = await aWatchedWorld();
    await world.elapse(15);
    await world.setTarget(5, 3);
    expect((await world.elapse(5)).status).toMatchObject({ phase: 'rolling_back', reason: 'post_execution_instability', monitoring: { result: 'unstable' } });
    expect((await world.execution('scale-deployment-rollback')).spec).toMatchObject({
      rollbackOf: 'rr-1-workflow-scale-deployment',
      actionParams: { replicas: 2 },
    });
    const { status } = await world.finish('scale-deployment-rollback', 'completed');
    expect(status).toMatchObject({
      phase: 'failed',
      reason: 'post_execution_instability',
      overallSuccess: false,
      stepStatuses: [{ phase: 'rolled_back' }],
      rollback: { state: 'completed', steps: [{ stepName: 'scale-deployment', phase: 'completed' }] },
    });
    expect(await world.events()).toEqual(['Warning WorkflowUnstable', 'Warning RollbackStarted', 'Normal RollbackCompleted', 'Warning WorkflowFailed']);
    await world.elapse(3600);
    expect((await world.workflow()).metadata.resourceVersion).toBe((await world.settle()).metadata.resourceVersion);
  });

  it('undoes two steps in reverse when the third fails', async () => {
    const world = await aWorkflowWorld({ steps: [...two, aStep('c'), aStep('d')] });
    await world.settle();
    for (const step of ['a', 'b']) {
      await world.elapse(5);
      await world.finish(step, 'completed');
    }
    await world.elapse(5);
    expect((await world.finish('c', 'failed', { jobRef: null })).status).toMatchObject({
      phase: 'rolling_back',
      stepStatuses: [{ phase: 'completed' }, { phase: 'completed' }, { phase: 'failed' }, { stepName: 'd', phase: 'skipped' }],
    });
    expect((await world.finish('b-rollback', 'failed')).status).toMatchObject({ phase: 'rolling_back' });
    expect((await world.finish('a-rollback', 'completed')).status).toMatchObject({
      phase: 'failed',
      reason: 'step_execution_failed',
      message: 'step c failed: health_check_failed: only 4 of 5 replicas ready; rollback_failed: b: health_check_failed',
      rollback: {
        state: 'partial',
        steps: [
          { stepName: 'b', phase: 'failed' },
          { stepName: 'a', phase: 'completed' },
        ],
      },
    });
  });

  it('runs a batch at once and the next one after it', async () => {
    const world = await aWorkflowWorld({ steps: [...two, aStep('c', { dependencies: ['a'] })], strategy: { mode: 'parallel', monitoringSeconds: 0 } });
    expect((await world.settle()).status).toMatchObject({ currentStep: 2 });
    await world.setTarget(5, 5);
    expect((await world.finish('b', 'completed')).status).toMatchObject({ currentStep: 2 });
    expect((await world.finish('a', 'completed')).status).toMatchObject({ currentStep: 3, stepStatuses: [{}, {}, { stepName: 'c', phase: 'executing' }] });
    expect((await world.finish('c', 'completed')).status).toMatchObject({ phase: 'completed', overallSuccess: true });
  });

  it('stops after validating where that is wanted', async () => {
    const world = await aWorkflowWorld({ dryRun: true });
    expect((await world.settle()).status).toMatchObject({ phase: 'completed', reason: 'dry_run_only' });
    expect(await world.events()).toEqual(['Normal WorkflowCompleted']);
  });

  it('fails before it acts when the API would refuse the step', async () => {
    const world = await aWorkflowWorld({ steps: [aStep('a', { parameters: { namespace: 'production', deployment: 'other-api', replicas: 2 } })] });
    expect((await world.settle()).status).toMatchObject({
      phase: 'failed',
      reason: 'resource_not_found',
      validationResults: { rbacValid: true, resourceAvailable: false },
    });
  });

  it('waits for a person, and forgets nothing meanwhile', async () => {
    const world = await aWorkflowWorld({ strategy: { approvalRequired: true } });
    const { status } = await world.settle();
    expect(status).toMatchObject({ phase: 'validating', validationResults: { rbacValid: true } });
    expect(await world.events()).toEqual(['Normal ApprovalRequired']);
    await world.elapse(400);
    await world.annotate({
      [approveAnnotation]: 'true',
      [decidedByAnnotation]: 'alice',
      [decidedAtAnnotation]: '2026-01-15T10:41:50Z',
      [planDigestAnnotation]: status?.executionPlan?.digest ?? '',
    });
    expect((await world.settle()).status).toMatchObject({
      phase: 'executing',
      approval: { decision: 'approved', user: 'alice' },
      validationResults: { approvalReceived: true },
    });
    expect(await world.events()).toEqual(['Normal ApprovalRequired', 'Normal ApprovalGranted']);
  });

  it('does not wait for a person for ever', async () => {
    const world = await aWorkflowWorld({ strategy: { approvalRequired: true } });
    await world.settle();
    expect((await world.elapse(899)).status).toMatchObject({ phase: 'validating' });
    expect((await world.elapse(1)).status).toMatchObject({ phase: 'failed', reason: 'approval_expired' });
  });

  it('stands still while a namespace is paused, and goes on after', async () => {
    const world = await aWorkflowWorld();
    await world.administrator.patchMetadata(production!, { annotations: { [pausedAnnotation]: 'true' } });
    expect((await world.settle()).status).toMatchObject({ phase: 'validating' });
    expect((await world.elapse(1200)).status).toMatchObject({ phase: 'validating' });
    await world.administrator.patchMetadata(production!, { annotations: { [pausedAnnotation]: null } });
    await world.administrator.patchMetadata(kubernautSystem!, { annotations: { [pausedAnnotation]: 'true' } });
    expect((await world.elapse(300)).status?.conditions).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ type: 'Permitted', status: 'False', message: 'namespace kubernaut-system is paused' })]),
    );
    await world.administrator.patchMetadata(kubernautSystem!, { annotations: { [pausedAnnotation]: null } });
    expect((await world.elapse(300)).status).toMatchObject({ phase: 'executing' });
  });

  it('is orphaned when nobody names it', async () => {
    const world = await aWorkflowWorld();
    const { metadata } = (await world.administrator.get(request))!;
    await world.administrator.patchStatus(request, { workflowRef: null }, metadata.resourceVersion!);
    expect((await world.settle()).status).toMatchObject({ phase: 'validating' });
    expect((await world.elapse(1000)).status).toMatchObject({ phase: 'failed', reason: 'orphaned' });
  });

  it('brings its execution to an end before it ends itself', async () => {
    const world = await aWorkflowWorld({ steps: two });
    await world.settle();
    await world.annotate({ [cancelRequestedAnnotation]: 'true' });
    expect((await world.settle()).status).toMatchObject({ phase: 'executing', reason: 'cancelled' });
    expect((await world.execution('a')).metadata.annotations).toMatchObject({ [cancelRequestedAnnotation]: 'true' });
    expect((await world.finish('a', 'completed')).status).toMatchObject({ phase: 'rolling_back', reason: 'cancelled' });
    expect((await world.finish('a-rollback', 'completed')).status).toMatchObject({ phase: 'failed', reason: 'cancelled', rollback: { state: 'completed' } });
  });

  it('takes a stranger under the name of its execution for a refusal', async () => {
    const world = await aWorkflowWorld({ steps: two });
    const stranger = { actionType: 'scale_deployment', actionParams: {} };
    const metadata = { name: 'rr-1-workflow-b', namespace: 'kubernaut-system' };
    await world.administrator.create({ apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution', metadata, spec: stranger });
    await world.settle();
    const { status } = await world.finish('a', 'completed');
    expect(status).toMatchObject({
      phase: 'rolling_back',
      reason: 'child_refused',
      stepStatuses: [{ phase: 'completed' }, { stepName: 'b', phase: 'failed' }],
    });
  });

  it('counts an execution that somebody deleted as failed', async () => {
    const world = await aWorkflowWorld();
    await world.settle();
    const { apiVersion, kind, metadata } = await world.execution('scale-deployment');
    await world.administrator.delete(
      { apiVersion, kind, name: metadata.name, namespace: metadata.namespace },
      { uid: metadata.uid, propagationPolicy: 'Background' },
    );
    expect((await world.settle()).status).toMatchObject({ phase: 'failed', reason: 'execution_missing' });
  });

  it('adopts the execution that it made just before it died', async () => {
    const world = await aWorkflowWorld();
    await world.dieAfterCreate();
    expect((await world.workflow()).status?.stepStatuses).toEqual([]);
    const { status } = await world.settle();
    expect(status).toMatchObject({ phase: 'executing', stepStatuses: [{ phase: 'executing' }] });
    expect(status?.stepStatuses?.[0]?.executionRef?.uid).toBe((await world.execution('scale-deployment')).metadata.uid);
  });
});

describe('the access of the room', () => {
  /** Everything that the room ever does: checks, executions, a cancel that reaches a live execution, an undo, Events. */
  async function story(allowed: RoomAccess) {
    const world = await aWorkflowWorld({ steps: two }, allowed);
    await world.settle();
    await world.finish('a', 'completed');
    await world.annotate({ [cancelRequestedAnnotation]: 'true' });
    await world.settle();
    await world.finish('b', 'failed');
    await world.finish('b-rollback', 'completed');
    const { status } = await world.finish('a-rollback', 'completed');
    return `${String(status?.phase)} ${String(status?.reason)}: ${(await world.events()).join(', ')}`;
  }
  const told = 'failed cancelled: Warning StepFailed, Warning RollbackStarted, Normal RollbackCompleted, Warning WorkflowFailed';

  it('is enough', async () => {
    expect(await story(access)).toBe(told);
  });

  const verbs = (['namespaced', 'cluster'] as const).flatMap((scope) =>
    access[scope].flatMap((rule, place) => rule.verbs.map((verb) => ({ scope, place, verb, resources: rule.resources.join() }))),
  );

  it.each(verbs)('has no spare verb: $verb $resources', async ({ scope, place, verb }) => {
    const without = access[scope].map((rule, index) => (index === place ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule));
    // A missing verb fails a pass, or is seen in what the workflow came to.
    expect(await story({ ...access, [scope]: without }).catch(() => 'a pass failed')).not.toBe(told);
  });
});
