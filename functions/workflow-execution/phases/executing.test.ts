import { describe, expect, it } from 'vitest';
import { refOf } from '../../../shared/api/object-ref.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../../shared/api/workflow-status.ts';
import type { Decision } from '../../../shared/reconciler/phase.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aStartedWorkflow,
  aStep,
  aWorkflow,
  anExecutionOf,
  anExecutionRef,
  anUndo,
  conditionsOf,
  createsOf,
  eventsOf,
  patchOf,
  portsOf,
  rowsOf,
} from '../../../test/support/workflows.ts';
import type { Executions } from '../executions.ts';
import { executing, type Observed } from './executing.ts';

const now = '2026-01-15T10:35:50Z';
const none: Executions = new Map();
const decide = (workflow: WorkflowExecution, running: Observed['running'] = none, ended: Observed['ended'] = none): Decision =>
  executing.decide(workflow, { running, ended }, now);
const stepsOf = (decision: Decision) => (patchOf(decision)?.['stepStatuses'] ?? []) as unknown as readonly StepStatus[];
/** `a=completed b=executing` */
const stepLine = (decision: Decision) =>
  stepsOf(decision)
    .map(({ stepName, phase }) => `${stepName}=${phase}`)
    .join(' ');
const created = (decision: Decision) => createsOf(decision).map(({ metadata }) => metadata.name);
const parallel = { mode: 'parallel' } as const;

describe('starting steps', () => {
  it('makes the execution of the specification, and writes the reference to it after', () => {
    const workflow = aWorkflow({
      status: { phase: 'executing', validationResults: { steps: [{ stepName: 'scale-deployment', targetUid: 'u1' }] } },
      environment: 'production',
    });
    const decision = decide(workflow);
    expect(decision.effects.map(({ kind }) => kind)).toEqual(['RecordAudit', 'CreateResource', 'PatchStatus']);
    expect(createsOf(decision)).toEqual([
      {
        apiVersion: 'executor.kubernaut.io/v1',
        kind: 'KubernetesExecution',
        metadata: {
          name: 'rr-1-workflow-scale-deployment',
          namespace: 'kubernaut-system',
          labels: { 'kubernaut.io/action': 'scale-deployment' },
          ownerReferences: [
            {
              apiVersion: 'workflow.kubernaut.io/v1',
              kind: 'WorkflowExecution',
              name: 'rr-1-workflow',
              uid: 'wf1',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        spec: {
          actionType: 'scale_deployment',
          actionParams: { namespace: 'production', deployment: 'payment-api', replicas: 5 },
          targetCluster: { name: 'primary-cluster', namespace: 'production' },
          timeout: '5m',
          workflowExecutionRef: refOf(workflow),
          remediationRequestRef: {
            apiVersion: 'remediation.kubernaut.io/v1',
            kind: 'RemediationRequest',
            name: 'rr-1',
            namespace: 'kubernaut-system',
            uid: 'rr1',
          },
          stepName: 'scale-deployment',
          environment: 'production',
          target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production' },
          targetUid: 'u1',
        },
      },
    ]);
    expect(patchOf(decision)).toEqual({
      currentStep: 1,
      stepStatuses: [{ stepName: 'scale-deployment', phase: 'executing', startTime: now, executionRef: expect.objectContaining({ $created: 1 }) }],
    });
    expect(rowsOf(decision)).toMatchObject([
      {
        type: 'workflow.step_started',
        discriminator: 'scale-deployment',
        payload: { action: 'scale_deployment', execution: 'rr-1-workflow-scale-deployment' },
      },
    ]);
    expect(eventsOf(decision)).toEqual([]);
  });

  it('leaves an action that the catalogue knows no more to the execution’s own judgement', () => {
    const workflow = aWorkflow({ status: { phase: 'executing' } });
    const steps = [aStep('scale-deployment', { action: 'forgotten_action', parameters: { any: 'thing' } })];
    const decision = decide({ ...workflow, spec: { ...workflow.spec, workflowDefinition: { steps } } });
    expect(createsOf(decision)).toMatchObject([{ spec: { actionType: 'forgotten_action', actionParams: { any: 'thing' }, timeout: '5m' } }]);
    expect(createsOf(decision)[0]?.['spec']).not.toHaveProperty('target');
  });

  it('gives a step its own timeout', () => {
    expect(createsOf(decide(aWorkflow({ steps: [aStep('a', { timeout: '90s' })], status: { phase: 'executing' } })))[0]).toMatchObject({
      spec: { timeout: '1m30s' },
    });
  });

  it.each<[string, Parameters<typeof aStartedWorkflow>, string[]]>([
    ['the first alone in sequence', [{}, { steps: [aStep('a'), aStep('b')] }], ['rr-1-workflow-a']],
    ['nothing while one runs in sequence', [{ a: 'executing' }, { steps: [aStep('a'), aStep('b')] }], []],
    ['the next in sequence', [{ a: 'completed' }, { steps: [aStep('a'), aStep('b')] }], ['rr-1-workflow-b']],
    [
      'all of a batch in parallel',
      [{}, { steps: ['a', 'b', 'c'].map((name) => aStep(name)), strategy: parallel }],
      ['rr-1-workflow-a', 'rr-1-workflow-b', 'rr-1-workflow-c'],
    ],
    [
      'no more than may run at once',
      [{}, { steps: ['a', 'b', 'c'].map((name) => aStep(name)), strategy: { ...parallel, maxParallelSteps: 2 } }],
      ['rr-1-workflow-a', 'rr-1-workflow-b'],
    ],
    [
      'the next as one ends',
      [
        { a: 'completed', b: 'executing' },
        { steps: ['a', 'b', 'c'].map((name) => aStep(name)), strategy: { ...parallel, maxParallelSteps: 2 } },
      ],
      ['rr-1-workflow-c'],
    ],
    [
      'nothing of the next batch before this one has ended',
      [
        { a: 'completed', b: 'executing' },
        { steps: [aStep('a'), aStep('b'), aStep('c', { dependencies: ['a'] })], strategy: parallel },
      ],
      [],
    ],
    [
      'the next batch when this one has ended',
      [
        { a: 'completed', b: 'completed' },
        { steps: [aStep('a'), aStep('b'), aStep('c', { dependencies: ['a'] })], strategy: parallel },
      ],
      ['rr-1-workflow-c'],
    ],
  ])('starts %s', (_sentence, started, names) => {
    expect(created(decide(aStartedWorkflow(...started)))).toEqual(names);
  });

  it('writes nothing while nothing changes', () => {
    const workflow = aStartedWorkflow({ a: 'executing' });
    expect(decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'validating')]])).effects).toEqual([]);
  });
});

describe('following steps', () => {
  it('copies a verdict and starts the next step in one patch', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { steps: [aStep('a'), aStep('b')] });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]]));
    expect(decision.effects.map(({ kind }) => kind)).toEqual(['RecordAudit', 'CreateResource', 'RecordAudit', 'PatchStatus']);
    expect(stepsOf(decision)[0]).toEqual({
      stepName: 'a',
      phase: 'completed',
      startTime: '2026-01-15T10:35:15Z',
      completionTime: '2026-01-15T10:35:45Z',
      executionResults: { success: true, message: 'Successfully scaled payment-api to 5 replicas', validationResult: 'Verified 5 replicas running and ready' },
      executionRef: anExecutionRef('a'),
    });
    expect(patchOf(decision)).toMatchObject({ currentStep: 2 });
    expect(rowsOf(decision)[1]).toMatchObject({
      type: 'workflow.step_finished',
      discriminator: 'a',
      reason: '',
      payload: {
        executionUid: 'ke-a',
        action: 'scale_deployment',
        category: 'scaling',
        targetKind: 'Deployment',
        targetName: 'payment-api',
        success: true,
        jobRan: true,
        durationMilliseconds: 30_000,
      },
    });
  });

  it('enters monitoring when the last step has ended, with all ticks armed', () => {
    const workflow = aStartedWorkflow({ a: 'executing' });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]]));
    expect(patchOf(decision)).toMatchObject({ phase: 'monitoring', currentStep: 1, monitoring: { startedAt: now, until: '2026-01-15T10:36:45Z' } });
    expect(conditionsOf(decision)).toContain('Stable=Unknown Monitoring');
    expect(decision.wakeAfterSeconds).toEqual([10, 20, 30, 40, 50, 55]);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.step_finished']);
  });

  it('arms no tick for a window that is over', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { strategy: { monitoringSeconds: 0 } });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'completed')]]));
    expect(patchOf(decision)).toMatchObject({ phase: 'monitoring', monitoring: { until: '2026-01-15T10:35:45Z' } });
    expect(decision.wakeAfterSeconds).toEqual([]);
  });

  it('goes on after a failure that is not critical, without those that wait for it', () => {
    const steps = [aStep('a', { criticalStep: false }), aStep('b', { dependencies: ['a'], criticalStep: false }), aStep('c')];
    const workflow = aStartedWorkflow({ a: 'executing' }, { steps });
    const decision = decide(workflow, new Map([['a', anExecutionOf(workflow, 'a', 'failed')]]));
    expect(stepLine(decision)).toBe('a=failed b=skipped c=executing');
    expect(patchOf(decision)).toMatchObject({ currentStep: 2 });
    expect(created(decision)).toEqual(['rr-1-workflow-c']);
    expect(eventsOf(decision)).toMatchObject([
      { type: 'Warning', reason: 'StepFailed', message: 'Step a failed: health_check_failed: only 4 of 5 replicas ready' },
      { type: 'Warning', reason: 'StepSkipped', message: expect.stringContaining('Skipped b') },
    ]);
  });

  it('watches what was completed when only steps that are not critical failed', () => {
    const workflow = aStartedWorkflow({ a: 'failed', b: 'executing' }, { steps: [aStep('a', { criticalStep: false }), aStep('b')] });
    expect(patchOf(decide(workflow, new Map([['b', anExecutionOf(workflow, 'b', 'completed')]])))).toMatchObject({ phase: 'monitoring' });
  });
});

describe('an execution that the API refuses', () => {
  const refusedBy = (workflow: WorkflowExecution) => {
    const effect = decide(workflow).effects.find(({ kind }) => kind === 'CreateResource')!;
    return executing.refused!(workflow, { effect, status: 403, message: 'admission webhook denied it' }, now)!;
  };

  it('fails its step and the workflow', () => {
    const workflow = aWorkflow({ steps: [aStep('a'), aStep('b')], status: { phase: 'executing' } });
    const decision = refusedBy(workflow);
    expect(patchOf(decision)).toMatchObject({ reason: 'child_refused', message: 'step a failed: child_refused: admission webhook denied it' });
    expect(stepLine(decision)).toBe('a=failed b=skipped');
    expect(eventsOf(decision).map(({ reason }) => reason)).toEqual(['StepFailed', 'StepSkipped']);

    const next = { ...workflow, status: { ...workflow.status!, stepStatuses: stepsOf(decision), reason: 'child_refused', message: 'step a failed' } };
    expect(patchOf(decide(next))).toMatchObject({ phase: 'failed', reason: 'child_refused' });
  });

  it('leaves the siblings that run to their end', () => {
    const workflow = aStartedWorkflow({ a: 'executing' }, { steps: [aStep('a'), aStep('b')], strategy: parallel });
    expect(stepLine(refusedBy(workflow))).toBe('a=executing b=failed');
  });

  it('is the only refusal that it answers', () => {
    const effect = { kind: 'PatchMetadata' } as const;
    expect(executing.refused!(aStartedWorkflow({ a: 'executing' }), { effect, status: 403, message: '' }, now)).toBeNull();
  });
});

describe('what executing looks at', () => {
  it('is the executions that have not ended, by uid', async () => {
    const workflow = aStartedWorkflow({ a: 'completed', b: 'executing', c: 'executing' }, { strategy: parallel });
    const twin = clusterTwin([anExecutionOf(workflow, 'a', 'completed'), anExecutionOf(workflow, 'b', 'executing')]);
    twin.put({ ...anExecutionOf(workflow, 'c', 'executing'), metadata: { ...anExecutionOf(workflow, 'c', 'executing').metadata, uid: 'another' } });
    const asked: string[] = [];
    twin.onCall = ({ verb, name }) => void asked.push(`${verb} ${name}`);
    const { running, ended } = await executing.observe({ ...workflow, spec: { ...workflow.spec } }, portsOf(twin), now);
    expect(running.get('b')?.metadata.uid).toBe('ke-b');
    expect(running.get('c')).toBeNull();
    expect(asked).toEqual(['get rr-1-workflow-b', 'get rr-1-workflow-c']);
    expect(ended.size).toBe(0);
  });

  it('is the others too, once the workflow stops', async () => {
    const workflow = aStartedWorkflow({ a: 'completed', b: 'executing' });
    const twin = clusterTwin([anExecutionOf(workflow, 'a', 'completed', { rollbackInformation: anUndo }), anExecutionOf(workflow, 'b', 'failed')]);
    const { ended } = await executing.observe(workflow, portsOf(twin), now);
    expect(ended.get('a')?.status?.rollbackInformation).toEqual(anUndo);
  });
});
