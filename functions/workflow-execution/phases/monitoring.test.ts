import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aScaledDeployment } from '../../../test/support/actions.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aStartedWorkflow,
  aStep,
  anExecutionOf,
  conditionsOf,
  eventsOf,
  patchOf,
  portsOf,
  rowsOf,
  type WorkflowOverrides,
} from '../../../test/support/workflows.ts';
import { monitoring, type Observed } from './monitoring.ts';

const startedAt = '2026-01-15T10:35:50Z';
const until = '2026-01-15T10:36:45Z';
const tick = '2026-01-15T10:36:10Z';

const watched = (overrides: WorkflowOverrides = {}, phases: Parameters<typeof aStartedWorkflow>[0] = { a: 'completed' }) =>
  aStartedWorkflow(phases, { ...overrides, status: { phase: 'monitoring', monitoring: { startedAt, until }, ...overrides.status } });
const seen = (workflow = watched(), object: KubernetesObject | null = aScaledDeployment(5, 5)): Observed => {
  const execution = anExecutionOf(workflow, 'a', 'completed');
  return { executions: new Map([['a', execution]]), outcomes: [{ stepName: 'a', execution, objects: [object] }] };
};
const decide = (observed: Partial<Observed> = {}, workflow = watched(), at = tick) => monitoring.decide(workflow, { ...seen(workflow), ...observed }, at);

describe('monitoring', () => {
  it('writes nothing at a tick that finds nothing', () => {
    expect(decide().effects).toEqual([]);
    expect(decide()).not.toHaveProperty('wakeAfterSeconds');
  });

  it('decides nothing when no tick is due', () => {
    expect(decide({ outcomes: null }, watched(), until).effects).toEqual([]);
  });

  it('completes when the window is over and all is stable', () => {
    const decision = decide({}, watched(), until);
    expect(patchOf(decision)).toMatchObject({
      phase: 'completed',
      completionTime: until,
      overallSuccess: true,
      executionPlan: { actualDuration: '1m30s' },
      monitoring: { endedAt: until, result: 'stable' },
      reason: null,
    });
    expect(conditionsOf(decision)).toEqual(expect.arrayContaining(['Ready=True Completed', 'Succeeded=True Completed', 'Stable=True Stable']));
    expect(eventsOf(decision)).toMatchObject([
      { type: 'Normal', reason: 'WorkflowCompleted', message: expect.stringMatching(/^Workflow execution completed successfully/) },
    ]);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.completed' }]);
  });

  it('completes at its first look when the window is zero', () => {
    expect(
      patchOf(decide({}, watched({ strategy: { monitoringSeconds: 0 }, status: { monitoring: { startedAt, until: startedAt } } }), startedAt)),
    ).toMatchObject({ phase: 'completed' });
  });

  it('looks at the world first when it comes late', () => {
    expect(patchOf(decide({}, watched(), '2026-01-15T12:00:00Z'))).toMatchObject({ phase: 'completed' });
  });

  it.each([
    ['another number of replicas', aScaledDeployment(3, 3), 'expected 5 replicas, got 3'],
    ['replicas that are not ready any more', aScaledDeployment(5, 4), 'only 4 of 5 replicas ready'],
    ['a target that is gone', null, ''],
  ])('undoes after %s', (_sentence, object, words) => {
    const workflow = watched();
    const decision = decide(seen(workflow, object), workflow);
    expect(patchOf(decision)).toMatchObject({
      phase: 'rolling_back',
      reason: 'post_execution_instability',
      message: expect.stringContaining(words),
      monitoring: { endedAt: tick, result: 'unstable', message: expect.stringContaining('step a') },
      rollback: { state: 'running' },
    });
    expect(conditionsOf(decision)).toContain('Stable=False PostExecutionInstability');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['WorkflowUnstable', 'RollbackStarted']);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.unstable', 'workflow.rollback']);
  });

  it('fails when it may not undo', () => {
    const workflow = watched({ strategy: { rollbackOnFailure: false } });
    const decision = decide(seen(workflow, aScaledDeployment(3, 3)), workflow);
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason: 'post_execution_instability', overallSuccess: false, rollback: { state: 'none' } });
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['WorkflowUnstable', 'WorkflowFailed']);
  });

  it('is judged even in the pass that would end it', () => {
    const workflow = watched();
    expect(patchOf(decide(seen(workflow, aScaledDeployment(5, 4)), workflow, until))).toMatchObject({ reason: 'post_execution_instability' });
  });

  it('cannot go on without the record of a critical step', () => {
    expect(patchOf(decide({ executions: new Map([['a', null]]), outcomes: [] }))).toMatchObject({ phase: 'failed', reason: 'execution_missing' });
  });

  it('goes on without the record of a step that is not critical', () => {
    const workflow = watched({ steps: [aStep('a', { criticalStep: false })] });
    expect(decide({ executions: new Map([['a', null]]), outcomes: [] }, workflow).effects).toEqual([]);
  });

  it('undoes after a cancel', () => {
    const workflow = watched({ annotations: { [cancelRequestedAnnotation]: 'true' } });
    const decision = decide({ outcomes: null }, workflow);
    expect(patchOf(decision)).toMatchObject({ phase: 'rolling_back', reason: 'cancelled', monitoring: { endedAt: tick } });
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['RollbackStarted']);
  });

  it('has until a minute after its window', () => {
    expect(monitoring.deadline?.(watched())).toBe('2026-01-15T10:37:45Z');
  });
});

describe('what monitoring looks at', () => {
  const looking = (workflow: ReturnType<typeof watched>, at: string, ...objects: readonly KubernetesObject[]) => {
    const twin = clusterTwin(objects);
    const asked: string[] = [];
    twin.onCall = ({ kind, name }) => void asked.push(`${kind} ${name}`);
    return monitoring.observe(workflow, portsOf(twin), at).then((observed) => ({ asked, observed }));
  };

  it('is nothing in the pass that its own entry wakes', async () => {
    const { asked, observed } = await looking(watched(), startedAt);
    expect(observed.outcomes).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is one execution and one target a tick for the specification’s one step', async () => {
    const workflow = watched();
    const { asked, observed } = await looking(workflow, tick, anExecutionOf(workflow, 'a', 'completed'), aScaledDeployment(5, 5));
    expect(asked).toEqual(['KubernetesExecution rr-1-workflow-a', 'Deployment payment-api']);
    expect(observed.outcomes).toMatchObject([{ stepName: 'a', objects: [{ kind: 'Deployment' }] }]);
  });

  it('is a target once, however many steps acted on it', async () => {
    const workflow = watched({}, { a: 'completed', b: 'completed' });
    const { asked } = await looking(
      workflow,
      tick,
      anExecutionOf(workflow, 'a', 'completed'),
      anExecutionOf(workflow, 'b', 'completed'),
      aScaledDeployment(5, 5),
    );
    expect(asked.filter((question) => question.startsWith('Deployment'))).toHaveLength(1);
  });

  it('is no outcome of a step that did not complete', async () => {
    const workflow = watched({ steps: [aStep('a'), aStep('b', { criticalStep: false })] }, { a: 'completed', b: 'failed' });
    const { observed } = await looking(
      workflow,
      tick,
      anExecutionOf(workflow, 'a', 'completed'),
      anExecutionOf(workflow, 'b', 'failed'),
      aScaledDeployment(5, 5),
    );
    expect(observed.outcomes).toHaveLength(1);
  });

  it('is only the last of the steps that did the same to the same object', async () => {
    const down = aStep('a', { parameters: { namespace: 'production', deployment: 'payment-api', replicas: 0 } });
    const other = aStep('other', { parameters: { namespace: 'production', deployment: 'other-api', replicas: 2 } });
    const workflow = watched({ steps: [down, aStep('b'), other] }, { a: 'completed', b: 'completed', other: 'completed' });
    const children = ['a', 'b', 'other'].map((name) => anExecutionOf(workflow, name, 'completed'));
    const { observed } = await looking(workflow, tick, ...children, aScaledDeployment(5, 5));
    expect(observed.outcomes?.map(({ stepName }) => stepName).toSorted()).toEqual(['b', 'other']);
  });
});
