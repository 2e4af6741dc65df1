import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../../shared/api/labels.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { RollbackStep } from '../../../shared/api/workflow-status.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aStartedWorkflow,
  aStep,
  anExecutionOf,
  anExecutionRef,
  conditionsOf,
  createsOf,
  eventsOf,
  patchOf,
  portsOf,
  rowsOf,
  type WorkflowOverrides,
} from '../../../test/support/workflows.ts';
import type { Executions } from '../executions.ts';
import { rollingBack } from './rolling-back.ts';

const now = '2026-01-15T10:37:00Z';
const none: Executions = new Map();

/** a and b completed one after the other, c failed; `undone` is what the rollback has recorded. */
function rolling(undone: readonly RollbackStep[] = [], overrides: WorkflowOverrides = {}): WorkflowExecution {
  const status = {
    phase: 'rolling_back',
    reason: 'step_execution_failed',
    message: 'step c failed: it broke',
    rollback: { state: 'running', steps: undone },
  } as const;
  return aStartedWorkflow({ a: 'completed', b: 'completed', c: 'failed' }, { ...overrides, status: { ...status, ...overrides.status } });
}
const originalsOf = (workflow: WorkflowExecution, ...names: readonly string[]): Executions =>
  new Map(names.map((name) => [name, anExecutionOf(workflow, name, name === 'c' ? 'failed' : 'completed')]));
const undoing = (stepName: string): RollbackStep => ({ stepName, phase: 'executing', executionRef: anExecutionRef(stepName, '-rollback') });
const undone = (stepName: string): RollbackStep => ({ stepName, phase: 'completed', executionRef: anExecutionRef(stepName, '-rollback') });
const undoOf = (workflow: WorkflowExecution, stepName: string, phase: 'executing' | 'completed' | 'failed'): Executions =>
  new Map([[stepName, anExecutionOf(workflow, stepName, phase)]]);
const rollbackOf = (decision: ReturnType<typeof rollingBack.decide>) => patchOf(decision)?.['rollback'];

describe('rolling back', () => {
  it('begins with the failed step whose Job ran, by an execution that says what it undoes', () => {
    const workflow = rolling();
    const decision = rollingBack.decide(workflow, { undoing: none, originals: originalsOf(workflow, 'a', 'b', 'c') }, now);
    expect(decision.effects.map(({ kind }) => kind)).toEqual(['RecordAudit', 'CreateResource', 'PatchStatus']);
    expect(createsOf(decision)).toMatchObject([
      {
        metadata: { name: 'rr-1-workflow-c-rollback', ownerReferences: [{ uid: 'wf1', controller: true }] },
        spec: { rollbackOf: 'rr-1-workflow-c', actionType: 'scale_deployment', actionParams: { replicas: 2 }, stepName: 'c', targetUid: 'u1', timeout: '5m' },
      },
    ]);
    expect(rollbackOf(decision)).toEqual({ steps: [{ stepName: 'c', phase: 'executing', executionRef: expect.objectContaining({ $created: 1 }) }] });
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.rollback', payload: { action: 'scale_deployment' } }]);
  });

  it('passes over a failed step whose Job never ran', () => {
    const workflow = rolling();
    const originals = new Map([...originalsOf(workflow, 'a', 'b'), ['c', anExecutionOf(workflow, 'c', 'failed', { jobRef: undefined })]]);
    expect(createsOf(rollingBack.decide(workflow, { undoing: none, originals }, now))).toMatchObject([{ metadata: { name: 'rr-1-workflow-b-rollback' } }]);
  });

  it('waits for the one that is being undone', () => {
    const workflow = rolling([undoing('c')]);
    expect(rollingBack.decide(workflow, { undoing: undoOf(workflow, 'c', 'executing'), originals: none }, now).effects).toEqual([]);
  });

  it('records what is undone and goes on with the step that completed last', () => {
    const workflow = rolling([undoing('c')]);
    const decision = rollingBack.decide(workflow, { undoing: undoOf(workflow, 'c', 'completed'), originals: originalsOf(workflow, 'a', 'b') }, now);
    expect(patchOf(decision)).toMatchObject({
      stepStatuses: [
        { stepName: 'a', phase: 'completed' },
        { stepName: 'b', phase: 'completed' },
        { stepName: 'c', phase: 'rolled_back' },
      ],
      rollback: {
        steps: [
          { stepName: 'c', phase: 'completed' },
          { stepName: 'b', phase: 'executing' },
        ],
      },
    });
    expect(createsOf(decision)).toMatchObject([{ metadata: { name: 'rr-1-workflow-b-rollback' } }]);
    expect(rowsOf(decision)[1]).toMatchObject({ type: 'workflow.rollback', discriminator: 'c', payload: { undoneExecutionUid: 'ke-c' } });
  });

  it('records a failure and goes on', () => {
    const workflow = rolling([undoing('c')]);
    const decision = rollingBack.decide(workflow, { undoing: undoOf(workflow, 'c', 'failed'), originals: originalsOf(workflow, 'a', 'b') }, now);
    expect(rollbackOf(decision)).toMatchObject({ steps: [{ stepName: 'c', phase: 'failed', reason: 'health_check_failed' }, { stepName: 'b' }] });
    expect(patchOf(decision)).toMatchObject({ stepStatuses: [{}, {}, { stepName: 'c', phase: 'failed' }] });
    expect(rowsOf(decision)[1]?.payload).not.toHaveProperty('undoneExecutionUid');
  });

  it('records an execution that is gone as failed', () => {
    const workflow = rolling([undoing('c')]);
    const decision = rollingBack.decide(workflow, { undoing: new Map([['c', null]]), originals: originalsOf(workflow, 'a', 'b') }, now);
    expect(rollbackOf(decision)).toMatchObject({ steps: [{ stepName: 'c', phase: 'failed', reason: 'execution_missing' }, { stepName: 'b' }] });
  });

  it('takes the step’s own rollback instead of the captured one', () => {
    const own = { action: 'scale_deployment', parameters: { namespace: 'production', deployment: 'other-api', replicas: 1 }, timeout: '1m' };
    const workflow = rolling([], { steps: [aStep('a'), aStep('b'), aStep('c', { rollback: own })] });
    const decision = rollingBack.decide(workflow, { undoing: none, originals: originalsOf(workflow, 'a', 'b', 'c') }, now);
    // Another object than the step's: its uid was never read.
    expect(createsOf(decision)).toMatchObject([{ spec: { actionParams: own.parameters, timeout: '1m', targetUid: '' } }]);
  });

  it('passes over what cannot be undone, and says so', () => {
    const workflow = rolling();
    const originals = new Map([
      ...originalsOf(workflow, 'a'),
      ['b', null] as const,
      ['c', anExecutionOf(workflow, 'c', 'failed', { rollbackInformation: { available: false } })] as const,
    ]);
    const decision = rollingBack.decide(workflow, { undoing: none, originals }, now);
    expect(rollbackOf(decision)).toMatchObject({
      steps: [
        { stepName: 'c', phase: 'skipped', reason: 'not_reversible' },
        { stepName: 'b', phase: 'skipped', reason: 'execution_missing' },
        { stepName: 'a', phase: 'executing' },
      ],
    });
  });

  it('records a captured undo that the catalogue does not take', () => {
    const workflow = rolling([undone('c'), undone('b')]);
    const bad = { available: true, action: 'unscale', parameters: {}, capturedAt: now };
    const decision = rollingBack.decide(
      workflow,
      { undoing: none, originals: new Map([['a', anExecutionOf(workflow, 'a', 'completed', { rollbackInformation: bad })]]) },
      now,
    );
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      rollback: { state: 'partial', steps: [{}, {}, { stepName: 'a', phase: 'failed', reason: 'unknown_action' }] },
    });
  });

  it('is not stopped by a cancel', () => {
    const workflow = rolling([], { annotations: { [cancelRequestedAnnotation]: 'true' } });
    expect(createsOf(rollingBack.decide(workflow, { undoing: none, originals: originalsOf(workflow, 'a', 'b', 'c') }, now))).toHaveLength(1);
  });
});

describe('the end of rolling back', () => {
  const last = (phase: 'completed' | 'failed', before: readonly RollbackStep[] = [undone('c'), undone('b')]) => {
    const workflow = rolling([...before, undoing('a')]);
    return rollingBack.decide(workflow, { undoing: undoOf(workflow, 'a', phase), originals: none }, now);
  };

  it('is the first reason, with everything undone', () => {
    const decision = last('completed');
    expect(patchOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'step_execution_failed',
      message: 'step c failed: it broke; rolled back c, b, a',
      overallSuccess: false,
      completionTime: now,
      executionPlan: { actualDuration: '1m45s' },
      rollback: { state: 'completed' },
    });
    expect(conditionsOf(decision)).toEqual(expect.arrayContaining(['Succeeded=False StepExecutionFailed', 'RolledBack=True Completed']));
    expect(eventsOf(decision).map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Normal RollbackCompleted', 'Warning WorkflowFailed']);
    expect(rowsOf(decision).map(({ type, discriminator = '' }) => `${type} ${discriminator}`.trimEnd())).toEqual([
      'workflow.rollback a',
      'workflow.rollback end',
      'workflow.failed',
    ]);
  });

  it('says what could not be undone', () => {
    const decision = last('failed');
    expect(patchOf(decision)).toMatchObject({
      reason: 'step_execution_failed',
      message: 'step c failed: it broke; rollback_failed: a: health_check_failed',
      rollback: { state: 'partial' },
    });
    expect(conditionsOf(decision)).toContain('RolledBack=False Partial');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['RollbackFailed', 'WorkflowFailed']);
  });

  it('has failed when nothing could be undone', () => {
    const failed = (stepName: string): RollbackStep => ({ stepName, phase: 'failed', reason: 'cancelled' });
    const decision = last('failed', [failed('c'), failed('b')]);
    expect(patchOf(decision)).toMatchObject({ rollback: { state: 'failed' } });
    expect(conditionsOf(decision)).toContain('RolledBack=False Failed');
  });
});

describe('an undo that the API refuses', () => {
  it('is recorded, and the rest goes on', () => {
    const workflow = rolling();
    const effect = rollingBack
      .decide(workflow, { undoing: none, originals: originalsOf(workflow, 'a', 'b', 'c') }, now)
      .effects.find(({ kind }) => kind === 'CreateResource')!;
    const decision = rollingBack.refused!(workflow, { effect, status: 422, message: 'no' }, now)!;
    expect(rollbackOf(decision)).toEqual({ steps: [{ stepName: 'c', phase: 'failed', reason: 'child_refused' }] });
  });
});

describe('what rolling back looks at', () => {
  it('is only the undo that runs, and else the steps still to be undone', async () => {
    const workflow = rolling([undoing('c')]);
    const running = { ...anExecutionOf(workflow, 'c', 'executing') };
    const twin = clusterTwin([
      { ...running, metadata: { ...running.metadata, name: 'rr-1-workflow-c-rollback', uid: 'ke-c-rollback' } },
      anExecutionOf(workflow, 'a', 'completed'),
      anExecutionOf(workflow, 'b', 'completed'),
    ]);
    const asked: string[] = [];
    twin.onCall = ({ name }) => void asked.push(name);
    await rollingBack.observe(workflow, portsOf(twin), now);
    expect(asked).toEqual(['rr-1-workflow-c-rollback']);

    asked.length = 0;
    twin.change('KubernetesExecution', 'rr-1-workflow-c-rollback', { status: { phase: 'completed' } });
    const { originals } = await rollingBack.observe(workflow, portsOf(twin), now);
    expect(asked).toEqual(['rr-1-workflow-c-rollback', 'rr-1-workflow-a', 'rr-1-workflow-b']);
    expect([...originals.keys()]).toEqual(['a', 'b']);
  });
});
