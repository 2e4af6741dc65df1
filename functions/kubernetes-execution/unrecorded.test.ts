import { describe, expect, it } from 'vitest';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aDeployment, aScaledDeployment } from '../../test/support/actions.ts';
import {
  aCondition,
  aJob,
  anOwner,
  anOwnerObject,
  anUnrecorded,
  askedToCancel,
  conditionIn,
  effectsOf,
  jobRef,
  now,
  settings,
  statusOf,
  told,
  unrecorded,
} from '../../test/support/executions.ts';
import { decideUnrecorded, observeUnrecorded, type Unrecorded } from './unrecorded.ts';

const allIsWell: Unrecorded = { job: null, owner: anOwner(), target: aDeployment() };
const decide = (world: Partial<Unrecorded> = {}, execution = anUnrecorded(), at = now) => decideUnrecorded(execution, { ...allIsWell, ...world }, settings, at);
const voided = (reason: string) => aJob({ metadata: { annotations: { 'kubernaut.io/void': reason } } });
const stranger = aJob({ metadata: { ownerReferences: [] } });
const jobIn = (decision: ReturnType<typeof decide>) => effectsOf(decision, 'CreateResource')[0]?.object;

const takesTheNameThenFails = [`CreateResource ${jobRef.name}`, 'RecordAudit execution.failed', 'PatchStatus', 'EmitEvent Warning ExecutionFailed'];
const fails = takesTheNameThenFails.slice(1);

describe('an execution that may act', () => {
  it('audits its intent, makes the Job, and then writes its name', () => {
    const decision = decide();
    expect(told(decision)).toEqual([
      'RecordAudit execution.intent',
      `CreateResource ${jobRef.name}`,
      'RecordAudit execution.job_created',
      'PatchStatus',
      'EmitEvent Normal JobCreated',
    ]);
    expect(statusOf(decision)).toMatchObject({ jobRef: { $created: 1, fields: ['kind', 'name', 'namespace', 'uid'] }, jobCreatedTime: now });
    expect(statusOf(decision)).not.toHaveProperty('phase');
    expect(conditionIn(decision, 'Permitted')).toBe('True Granted');
    expect(effectsOf(decision, 'RecordAudit')[0]).toMatchObject({
      phaseFrom: 'executing',
      phaseTo: 'executing',
      payload: {
        command: ['kubectl', 'scale', 'deployment', 'payment-api', '--namespace=production', '--replicas=5'],
        serviceAccount: 'scale-deployment-sa',
        targetUid: 'u1',
      },
    });
    expect(effectsOf(decision, 'EmitEvent')[0]?.message).toBe(`Job ${jobRef.name} carries out scale_deployment on Deployment production/payment-api`);
    expect(jobIn(decision)?.['spec']).toMatchObject({ activeDeadlineSeconds: 295 });
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it('arms the deadline anew when it had to wait for its owner, for the deadline has moved', () => {
    const waited = anUnrecorded({ status: { conditions: [aCondition('Permitted', 'False', { reason: 'not_named', at: now })] } });
    const decision = decide({}, waited, '2026-01-15T10:38:15Z');
    expect(jobIn(decision)?.['spec']).toMatchObject({ activeDeadlineSeconds: 300 });
    expect(decision.wakeAfterSeconds).toEqual([300]);
  });

  it('undoes another one while its owner rolls back, cancelled or not', () => {
    const undo = anUnrecorded({ spec: { rollbackOf: 'rr-1-workflow-scale' } });
    expect(jobIn(decide({ owner: anOwner({ phase: 'rolling_back', metadata: askedToCancel }) }, undo))).toMatchObject({ metadata: { name: jobRef.name } });
  });
});

describe('an execution that finds a Job under its name', () => {
  it.each<[sentence: string, world: Partial<Unrecorded>]>([
    ['although its owner has ended', { owner: anOwner({ phase: 'failed' }) }],
    ['although its target has changed', { target: aScaledDeployment(4, 4) }],
    ['although nothing else was read', { owner: null, target: null }],
  ])('records it and decides nothing else, %s', (_sentence, world) => {
    const decision = decide({ ...world, job: aJob({ metadata: unrecorded }) });
    expect(told(decision)).toEqual(['RecordAudit execution.job_created', 'PatchStatus', 'EmitEvent Normal JobCreated']);
    expect(statusOf(decision)).toMatchObject({ jobRef, jobCreatedTime: '2026-01-15T10:35:16Z' });
    expect(decision.wakeAfterSeconds).toEqual([295]);
  });

  it('records it even when it is asked to cancel', () => {
    expect(statusOf(decide({ job: aJob() }, anUnrecorded({ metadata: askedToCancel })))).toMatchObject({ jobRef });
  });

  it.each([
    ['cancelled', 'cancelled', 'cancelled before anything was changed'],
    ['orphaned', 'orphaned', 'no owner names it'],
    ['target_changed', 'target_changed', 'the target is no longer as it was validated'],
    ['execution_timeout', 'execution_timeout', 'Execution timeout exceeded'],
    ['unknown_action', 'unknown_action', 'ended before a Job was made: unknown_action'],
    ['a whim', 'cancelled', 'ended before a Job was made: its void Job says "a whim"'],
  ])('gives the verdict that a void Job names: %s', (voidReason, reason, message) => {
    const decision = decide({ job: voided(voidReason) });
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({ phase: 'failed', reason, message });
  });

  it('leaves a stranger alone, and says who is in the way', () => {
    const decision = decide({ job: stranger });
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({ reason: 'job_creation_failed', message: `Job ${jobRef.name} exists and is not ours: delete it` });
  });
});

describe('an execution that must end without a Job', () => {
  const longAgo = aCondition('Permitted', 'False', { reason: 'not_named', at: '2026-01-15T10:20:20Z' });

  const overdue = anUnrecorded({ status: { conditions: [longAgo] } });

  it.each<[sentence: string, world: Partial<Unrecorded> & { readonly execution?: KubernetesExecution }, reason: string, message: string]>([
    ['asked to cancel', { execution: anUnrecorded({ metadata: askedToCancel }) }, 'cancelled', 'cancelled before anything was changed'],
    ['its owner was asked to cancel', { owner: anOwner({ metadata: askedToCancel }) }, 'cancelled', 'WorkflowExecution rr-1-workflow was asked to cancel'],
    ['its owner has ended', { owner: anOwner({ phase: 'failed' }) }, 'cancelled', 'WorkflowExecution rr-1-workflow has ended'],
    ['it has no owner of ours', { owner: null }, 'orphaned', 'its controlling owner does not exist'],
    ['its owner names another for 15 minutes', { owner: anOwner({ names: ['other'] }), execution: overdue }, 'orphaned', 'did not name it within 15 minutes'],
    ['another object took the target’s name', { target: aDeployment({ metadata: { uid: 'u2' } }) }, 'target_changed', 'its uid is u2, validated was u1'],
    ['the target is gone', { target: null }, 'target_changed', 'Deployment production/payment-api does not exist any more'],
    ['what the undo captured has another value', { target: aScaledDeployment(4, 4) }, 'target_changed', 'replicas was 3, is 4'],
    ['nobody knows its action any more', { execution: anUnrecorded({ spec: { actionType: 'forgotten' } }) }, 'unknown_action', 'forgotten is no action'],
  ])('takes the Job’s name first when %s', (_sentence, { execution, ...world }, reason, message) => {
    const decision = decide(world, execution);
    expect(told(decision).slice(1)).toEqual(fails);
    expect(jobIn(decision)).toMatchObject({ metadata: { annotations: { 'kubernaut.io/void': reason } }, spec: { suspend: true } });
    expect(statusOf(decision)).toMatchObject({ phase: 'failed', reason, message: expect.stringContaining(message), executionResults: { success: false } });
    expect(statusOf(decision)).not.toHaveProperty('jobRef');
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it('takes its name when the phase is over before a Job could be made, and not a second earlier', () => {
    expect(told(decide({}, anUnrecorded(), '2026-01-15T10:41:44Z'))).toContain('RecordAudit execution.intent');
    const late = decide({}, anUnrecorded(), '2026-01-15T10:41:45Z');
    expect(told(late)).toEqual(takesTheNameThenFails);
    expect(statusOf(late)).toMatchObject({ reason: 'execution_timeout', message: 'Execution timeout exceeded' });
  });
});

describe('an execution that its owner does not name yet', () => {
  const owner = anOwner({ names: ['other'] });
  const waiting = anUnrecorded({ status: { conditions: [aCondition('Permitted', 'False', { reason: 'not_named', at: now })] } });

  it('says so once, and looks again soon', () => {
    const decision = decide({ owner, target: null });
    expect(told(decision)).toEqual(['PatchStatus']);
    expect(conditionIn(decision, 'Permitted')).toBe('False NotNamed');
    expect(decision.wakeAfterSeconds).toEqual([5]);
  });

  it.each([
    ['2026-01-15T10:35:25Z', 10],
    ['2026-01-15T10:35:35Z', 20],
    ['2026-01-15T10:48:20Z', 120],
  ])('writes nothing more at %s, and waits longer each time: %i s', (at, seconds) => {
    expect(decide({ owner, target: null }, waiting, at)).toEqual({ effects: [], wakeAfterSeconds: [seconds] });
  });

  it('may wait longer than its timeout: the deadline stands still', () => {
    expect(decide({ owner, target: null }, waiting, '2026-01-15T10:50:00Z').effects).toEqual([]);
    expect(told(decide({}, waiting, '2026-01-15T10:50:00Z'))).toContain('RecordAudit execution.intent');
  });
});

describe('what an execution without a Job asks', () => {
  interface World {
    readonly job?: KubernetesObject;
    readonly owner?: KubernetesObject;
  }

  async function asked({ job, owner = anOwnerObject() }: World, execution = anUnrecorded(), at = now) {
    const kinds: string[] = [];
    const get = async ({ kind }: { readonly kind: string }) => {
      kinds.push(kind);
      return kind === 'Job' ? (job ?? null) : kind === 'WorkflowExecution' ? owner : aDeployment();
    };
    await observeUnrecorded(execution, { get }, settings, at);
    return kinds;
  }

  it.each<[sentence: string, world: World, execution: ReturnType<typeof anUnrecorded>, kinds: readonly string[]]>([
    ['the Job, the owner, the target, in this order', {}, anUnrecorded(), ['Job', 'WorkflowExecution', 'Deployment']],
    ['nothing else when there is a Job', { job: aJob() }, anUnrecorded(), ['Job']],
    ['nothing else when it is asked to cancel', {}, anUnrecorded({ metadata: askedToCancel }), ['Job']],
    ['no target that it may not touch yet', { owner: anOwnerObject({ names: [] }) }, anUnrecorded(), ['Job', 'WorkflowExecution']],
    ['no target of an action that nobody knows', {}, anUnrecorded({ spec: { actionType: 'forgotten' } }), ['Job', 'WorkflowExecution']],
    ['no owner that controls it not', {}, anUnrecorded({ metadata: { ownerReferences: [] } }), ['Job']],
  ])('is %s', async (_sentence, world, execution, kinds) => {
    expect(await asked(world, execution)).toEqual(kinds);
  });

  it('is no target once the phase is over: one that cannot be read would keep it from its end', async () => {
    expect(await asked({}, anUnrecorded(), '2026-01-15T10:41:44Z')).toEqual(['Job', 'WorkflowExecution', 'Deployment']);
    expect(await asked({}, anUnrecorded(), '2026-01-15T10:41:45Z')).toEqual(['Job', 'WorkflowExecution']);
  });
});
