import { describe, expect, it } from 'vitest';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { aDeployment, aScaledDeployment } from '../../test/support/actions.ts';
import {
  aCondition,
  aJob,
  anExecutorPod,
  aRecorded,
  askedToCancel,
  aWarning,
  complete,
  conditionIn,
  effectsOf,
  failed,
  jobRef,
  now,
  settings,
  statusOf,
  timedOut,
  told,
  unrecorded,
} from '../../test/support/executions.ts';
import { noEvidence, type Evidence } from './evidence.ts';
import { decideRecorded, type Recorded } from './recorded.ts';

type World = Partial<Omit<Recorded, 'evidence'>> & { readonly evidence?: Partial<Evidence>; readonly execution?: KubernetesExecution };

const decide = ({ execution = aRecorded(), evidence, ...world }: World = {}, at = now) =>
  decideRecorded(execution, { job: aJob(), world: null, ...world, evidence: { ...noEvidence, ...evidence } }, settings, at);
const succeeded = (world: Recorded['world'], more: World = {}, at = now) => decide({ job: aJob({ status: complete }), world, ...more }, at);
const gone = (world: Recorded['world'], more: World = {}, at = now) => decide({ job: null, world, ...more }, at);

const wanted = [aScaledDeployment(5, 5)];
const unhealthy = [aScaledDeployment(5, 4)];
const wrong = [aDeployment()];

const completes = ['RecordAudit execution.outcome', 'RecordAudit execution.completed', 'PatchStatus', 'EmitEvent Normal ExecutionCompleted'];
const fails = ['RecordAudit execution.failed', 'PatchStatus', 'EmitEvent Warning ExecutionFailed'];

describe('a Job that is in the status', () => {
  it.each<[sentence: string, world: World]>([
    ['while it runs', {}],
    ['when it has failed', { job: aJob({ status: failed }) }],
    ['when it has succeeded', { job: aJob({ status: complete }), world: wanted }],
    ['when it is asked to cancel', { execution: aRecorded({ metadata: askedToCancel }) }],
  ])('loses its finalizer before anything else is decided, %s', (_sentence, world) => {
    const held = { ...(world.job ?? aJob()), metadata: { ...aJob().metadata, finalizers: ['other.io/keep', ...unrecorded.finalizers] } };
    const [first, ...rest] = decide({ ...world, job: held }).effects;
    expect(first).toEqual({
      kind: 'PatchMetadata',
      ref: { apiVersion: 'batch/v1', kind: 'Job', name: jobRef.name, namespace: 'kubernaut-system', uid: 'job1', resourceVersion: '50' },
      finalizers: ['other.io/keep'],
    });
    expect(rest).toEqual(decide(world).effects);
  });
});

describe('a Job that runs', () => {
  it.each<[sentence: string, at: string, wakeAfterSeconds: number]>([
    ['is left alone until its own deadline', '2026-01-15T10:35:20Z', 296],
    ['gets a minute to end', '2026-01-15T10:40:16Z', 60],
    ['gets the last second of it', '2026-01-15T10:41:15Z', 5],
  ])('%s', (_sentence, at, wakeAfterSeconds) => {
    expect(decide({}, at)).toEqual({ effects: [], wakeAfterSeconds: [wakeAfterSeconds] });
  });

  it('is never cut in the middle by a cancel', () => {
    expect(decide({ execution: aRecorded({ metadata: askedToCancel }) })).toEqual({ effects: [], wakeAfterSeconds: [296] });
  });

  it.each([
    ['2026-01-15T10:41:16Z', 30],
    ['2026-01-15T10:41:46Z', 60],
    ['2026-01-15T11:41:16Z', 300],
  ])('is deleted with its pods a minute past its deadline, and its end is awaited (%s: %i s)', (at, wakeAfterSeconds) => {
    expect(decide({}, at)).toEqual({
      effects: [
        {
          kind: 'DeleteResource',
          ref: { apiVersion: 'batch/v1', kind: 'Job', name: jobRef.name, namespace: 'kubernaut-system', uid: 'job1' },
          propagationPolicy: 'Foreground',
        },
      ],
      wakeAfterSeconds: [wakeAfterSeconds],
    });
  });

  it('is not deleted twice', () => {
    expect(decide({ job: aJob({ metadata: { deletionTimestamp: now } }) }, '2026-01-15T10:41:46Z')).toEqual({ effects: [], wakeAfterSeconds: [60] });
  });

  it('that has not begun has until the timeout', () => {
    expect(decide({ job: aJob({ status: { startTime: null } }) }, '2026-01-15T10:40:14Z')).toEqual({ effects: [], wakeAfterSeconds: [5] });
    expect(told(decide({ job: aJob({ status: { startTime: null } }) }, '2026-01-15T10:41:15Z'))).toEqual([`DeleteResource ${jobRef.name}`]);
  });
});

describe('a Job that failed', () => {
  const pod = anExecutorPod({ terminated: { exitCode: 1, reason: 'Error' } });
  const pulling = anExecutorPod({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } });
  const quota = aWarning('FailedCreate', 'pods "ke-x" is forbidden: exceeded quota');

  it.each<[sentence: string, world: World, reason: string, message: string]>([
    ['with an exit code', { job: aJob({ status: failed }), evidence: { pods: [pod] } }, 'execution_job_failed', 'Execution job failed'],
    ['and left nothing', { job: aJob({ status: failed }) }, 'execution_job_failed', 'Execution job failed'],
    [
      'out of memory',
      { job: aJob({ status: failed }), evidence: { pods: [anExecutorPod({ terminated: { exitCode: 137, reason: 'OOMKilled' } })] } },
      'execution_job_failed',
      'Execution job failed: OOMKilled',
    ],
    ['by its deadline', { job: aJob({ status: timedOut }) }, 'execution_timeout', 'Execution timeout exceeded'],
    [
      'by its deadline, for an image',
      { job: aJob({ status: timedOut }), evidence: { pods: [pulling] } },
      'execution_timeout',
      'Execution timeout exceeded: ImagePullBackOff: Back-off pulling image',
    ],
    [
      'by its deadline, for a quota',
      { job: aJob({ status: timedOut }), evidence: { events: [quota] } },
      'execution_timeout',
      'Execution timeout exceeded: FailedCreate: pods "ke-x" is forbidden: exceeded quota',
    ],
  ])('%s, fails the execution', (_sentence, world, reason, message) => {
    const decision = decide(world);
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({
      phase: 'failed',
      reason,
      message,
      executionResults: { success: false, errorMessage: message, executionDuration: '5s' },
    });
    expect(conditionIn(decision, 'JobFinished')).toBe(reason === 'execution_timeout' ? 'False ExecutionTimeout' : 'False ExecutionJobFailed');
  });

  it('leaves its exit code and the end of its log, masked', () => {
    const log = `${'x'.repeat(40_000)}\nerror: password=hunter2hunter2\nthe end`;
    const results = statusOf(decide({ job: aJob({ status: failed }), evidence: { pods: [pod], log } }))?.['executionResults'];
    const output = stringAt(results, 'jobOutput') ?? '';
    expect(results).toMatchObject({ exitCode: 1 });
    expect(output).toHaveLength(16_384);
    expect(output).toMatch(/^\[cut\] x.*password=\[masked\]\nthe end$/s);
  });

  it('has failed, also for one who is asked to cancel', () => {
    expect(statusOf(decide({ job: aJob({ status: failed }), execution: aRecorded({ metadata: askedToCancel }) }))).toMatchObject({
      reason: 'execution_job_failed',
    });
  });
});

describe('a Job that succeeded', () => {
  it('completes the execution when the world is as wanted', () => {
    const decision = succeeded(wanted, {}, '2026-01-15T10:35:45Z');
    expect(told(decision)).toEqual(completes);
    expect(statusOf(decision)).toMatchObject({
      phase: 'completed',
      reason: null,
      message: 'Successfully scaled payment-api to 5 replicas',
      completionTime: '2026-01-15T10:35:45Z',
      executionResults: {
        success: true,
        message: 'Successfully scaled payment-api to 5 replicas',
        validationResult: 'Verified 5 replicas running and ready',
        executionDuration: '30s',
        exitCode: 0,
      },
    });
    expect(['Ready', 'Succeeded', 'JobFinished', 'OutcomeVerified', 'Permitted'].map((type) => conditionIn(decision, type))).toEqual([
      'True Completed',
      'True Completed',
      'True Completed',
      'True Completed',
      'True Granted',
    ]);
    expect(effectsOf(decision, 'EmitEvent')[0]?.message).toBe('Action scale_deployment completed successfully: Verified 5 replicas running and ready');
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it('completes it for one who is asked to cancel too: it is done', () => {
    expect(statusOf(succeeded(wanted, { execution: aRecorded({ metadata: askedToCancel }) }))).toMatchObject({ phase: 'completed' });
  });

  it.each<[sentence: string, world: Recorded['world'], message: string]>([
    ['has another value', wrong, 'expected 5 replicas, got 3'],
    ['is gone', [null], 'deployment payment-api is gone'],
    [
      'is another object',
      [{ ...aScaledDeployment(5, 5), metadata: { name: 'payment-api', uid: 'u2' } }],
      'deployment payment-api was replaced: its uid is u2, expected u1',
    ],
  ])('proves nothing: the target %s', (_sentence, world, message) => {
    const decision = succeeded(world);
    expect(told(decision)).toEqual(['RecordAudit execution.outcome', ...fails]);
    expect(statusOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'outcome_validation_failed',
      message,
      executionResults: { success: false, errorMessage: message, exitCode: 0 },
    });
    expect(['JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual(['True Completed', 'False OutcomeValidationFailed']);
  });

  it('is written down even when the target cannot be read: from then on there is a deadline', () => {
    const decision = succeeded(null);
    expect(told(decision)).toEqual(['PatchStatus']);
    expect(['JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual(['True Completed', 'Unknown Unreadable']);
    expect(decision.wakeAfterSeconds).toEqual([10]);
  });

  it('has no verdict on its target until the phase is over, when that cannot be read', () => {
    const execution = aRecorded({ status: { conditions: [aCondition('JobFinished', 'True', { reason: 'completed', at: now })] } });
    expect(succeeded(null, { execution }, '2026-01-15T10:41:44Z')).toEqual({ effects: [], wakeAfterSeconds: [5] });
    const decision = succeeded(null, { execution }, '2026-01-15T10:41:45Z');
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({
      reason: 'execution_timeout',
      message: 'Execution timeout exceeded: the Job is over, but its target cannot be read',
    });
  });

  it('cannot be judged when no catalogue knows its action any more', () => {
    const decision = succeeded(null, { execution: aRecorded({ spec: { actionType: 'forgotten' } }) });
    expect(statusOf(decision)).toMatchObject({
      reason: 'outcome_validation_failed',
      message: expect.stringContaining('the outcome cannot be verified: spec.actionType: forgotten'),
    });
  });
});

describe('a change that is right but not yet healthy', () => {
  const seenAt = (at: string, outcome = 'waiting') => {
    const conditions = [aCondition('JobFinished', 'True', { reason: 'completed', at }), aCondition('OutcomeVerified', 'Unknown', { reason: outcome, at })];
    return aRecorded({ status: { conditions: [aCondition('Permitted', 'True', { reason: 'granted' }), ...conditions] } });
  };
  const tick = (world: Recorded['world'], at: string, execution = seenAt('2026-01-15T10:35:40Z')) => decide({ job: null, world, execution }, at);

  it('is said once, and looked at every ten seconds', () => {
    const decision = succeeded(unhealthy, {}, '2026-01-15T10:35:40Z');
    expect(told(decision)).toEqual(['PatchStatus']);
    expect(statusOf(decision)).not.toHaveProperty('phase');
    expect(['JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual(['True Completed', 'Unknown Waiting']);
    expect(decision.wakeAfterSeconds).toEqual([10]);
    expect(tick(unhealthy, '2026-01-15T10:35:50Z')).toEqual({ effects: [], wakeAfterSeconds: [10] });
  });

  it('is said once too after a look that failed', () => {
    expect(conditionIn(tick(unhealthy, '2026-01-15T10:35:50Z', seenAt(now, 'unreadable')), 'OutcomeVerified')).toBe('Unknown Waiting');
  });

  it('completes as soon as it is healthy', () => {
    expect(told(tick(wanted, '2026-01-15T10:36:00Z'))).toEqual(completes);
  });

  it('fails as soon as somebody takes it back', () => {
    expect(statusOf(tick(wrong, '2026-01-15T10:36:00Z'))).toMatchObject({ reason: 'outcome_validation_failed', message: 'expected 5 replicas, got 3' });
  });

  it('fails two minutes after the start, and not a second earlier', () => {
    expect(tick(unhealthy, '2026-01-15T10:37:14Z')).toEqual({ effects: [], wakeAfterSeconds: [5] });
    const decision = tick(unhealthy, '2026-01-15T10:37:15Z');
    expect(told(decision)).toEqual(['RecordAudit execution.outcome', ...fails]);
    expect(statusOf(decision)).toMatchObject({
      reason: 'health_check_failed',
      message: 'only 4 of 5 replicas ready',
      executionResults: { success: false, exitCode: 0 },
    });
    expect(['JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual(['True Completed', 'False HealthCheckFailed']);
  });

  it('has half a minute after a Job that ended late, also when the pass itself comes late', () => {
    const late = seenAt('2026-01-15T10:37:10Z');
    expect(tick(unhealthy, '2026-01-15T10:37:39Z', late).effects).toEqual([]);
    expect(statusOf(tick(unhealthy, '2026-01-15T10:37:40Z', late))).toMatchObject({ reason: 'health_check_failed' });
    expect(told(succeeded(unhealthy, {}, '2026-01-15T10:50:00Z'))).toEqual(['PatchStatus']);
  });

  it('waits no longer when it is asked to cancel', () => {
    const decision = succeeded(unhealthy, { execution: aRecorded({ metadata: askedToCancel }) });
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({ reason: 'cancelled', message: 'cancelled while it waited for health: only 4 of 5 replicas ready' });
    expect(conditionIn(decision, 'JobFinished')).toBe('True Completed');
  });
});

describe('a Job that is gone although the status names it', () => {
  it('is never made again: the world says what came of it', () => {
    const decision = gone(wanted);
    expect(told(decision)).toEqual(completes);
    expect(statusOf(decision)).toMatchObject({
      phase: 'completed',
      executionResults: { success: true, message: 'Successfully scaled payment-api to 5 replicas; its Job is gone, so the cluster itself was asked' },
    });
    expect(statusOf(decision)?.['executionResults']).not.toHaveProperty('exitCode');
    expect(['JobFinished', 'OutcomeVerified', 'Succeeded'].map((type) => conditionIn(decision, type))).toEqual([
      'False JobMissing',
      'True Completed',
      'True Completed',
    ]);
  });

  it('fails the execution when the world is not as wanted', () => {
    const decision = gone(wrong);
    expect(statusOf(decision)).toMatchObject({
      reason: 'job_missing',
      message: 'the Job is gone, and what it was to bring about is not there: expected 5 replicas, got 3',
    });
    expect(['JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual(['False JobMissing', 'False JobMissing']);
  });

  it('was deleted by us when its time was over', () => {
    expect(statusOf(gone(wrong, {}, '2026-01-15T10:41:15Z'))).toMatchObject({
      reason: 'execution_timeout',
      message: 'Execution timeout exceeded: expected 5 replicas, got 3',
    });
    expect(statusOf(gone(wanted, {}, '2026-01-15T10:41:15Z'))).toMatchObject({ phase: 'completed' });
  });

  it('leaves what it changed the time to become healthy', () => {
    const first = gone(unhealthy);
    expect(told(first)).toEqual(['PatchStatus']);
    expect(conditionIn(first, 'JobFinished')).toBe('False JobMissing');
    const conditions = [
      aCondition('JobFinished', 'False', { reason: 'job_missing', at: now }),
      aCondition('OutcomeVerified', 'Unknown', { reason: 'waiting' }),
    ];
    const execution = aRecorded({ status: { conditions } });
    expect(gone(unhealthy, { execution }, '2026-01-15T10:35:30Z')).toEqual({ effects: [], wakeAfterSeconds: [10] });
    expect(statusOf(gone(unhealthy, { execution }, '2026-01-15T10:37:15Z'))).toMatchObject({ reason: 'job_missing' });
  });

  it('is not judged while a pod of it may act', () => {
    const evidence = { pods: [anExecutorPod({ running: {} }, { phase: 'Running' })] };
    const first = gone(null, { evidence });
    expect(told(first)).toEqual(['PatchStatus']);
    expect(conditionIn(first, 'JobFinished')).toBe('Unknown PodsLeft');
    const execution = aRecorded({ status: { conditions: [aCondition('JobFinished', 'Unknown', { reason: 'pods_left' })] } });
    expect(gone(null, { execution, evidence })).toEqual({ effects: [], wakeAfterSeconds: [10] });
  });
});
