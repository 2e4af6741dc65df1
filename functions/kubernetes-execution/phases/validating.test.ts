import { describe, expect, it } from 'vitest';
import type { ExecutionSpec, KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { AccessReview, ClusterReader, DryRun } from '../../../shared/kubernetes/ports.ts';
import { mapAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aDeployment, anAutoscaler } from '../../../test/support/actions.ts';
import { anExecution, conditionIn, effectsOf, now, scaleTo5, settings, startTime, statusOf, told } from '../../../test/support/executions.ts';
import { findingBeforeDryRun, type Seen } from '../validation.ts';
import { validating } from './validating.ts';

const allIsWell: Seen = { access: { allowed: true, reason: '' }, target: aDeployment(), context: [], dryRun: { kind: 'accepted', objects: [] } };
const denied: AccessReview = {
  allowed: false,
  reason: 'system:serviceaccount:kubernaut-system:scale-deployment-sa may not patch deployments/scale.apps in namespace production',
};
const refusedDryRun: DryRun = { kind: 'refused', status: 422, message: 'denied by policy: more than 4 replicas' };
const decide = (world: Partial<Seen> = {}, execution = anExecution()) => validating(settings).decide(execution, { ...allIsWell, ...world }, now);
const asking = (spec: Partial<ExecutionSpec>) => anExecution({ spec });
const scaleTo = (replicas: number) => asking({ actionParams: { namespace: 'production', deployment: 'payment-api', replicas } });

describe('validating', () => {
  it.each<[sentence: string, world: Partial<Seen>, reason: string, message: string]>([
    [
      'the identity may not act',
      { access: denied, target: null, dryRun: null },
      'rbac_validation_failed',
      'scale_deployment is not permitted: system:serviceaccount:kubernaut-system:scale-deployment-sa may not patch',
    ],
    ['nobody asked whether it may', { access: null }, 'rbac_validation_failed', 'scale_deployment is not permitted: nobody asked'],
    ['the target is gone', { target: null, dryRun: null }, 'resource_not_found', 'Target resource not found: Deployment production/payment-api does not exist'],
    [
      'another object took the name',
      { target: aDeployment({ metadata: { uid: 'u2' } }) },
      'target_changed',
      'Deployment production/payment-api was replaced: its uid is u2, planned for u1',
    ],
    [
      'a precondition does not hold',
      { context: [anAutoscaler('payment-api')] },
      'precondition_failed',
      'spec.actionParams.replicas: HorizontalPodAutoscaler payment-hpa sets them',
    ],
    [
      'the target is on its way out',
      { target: aDeployment({ metadata: { deletionTimestamp: now } }) },
      'precondition_failed',
      'spec.actionParams: deployment payment-api is being deleted',
    ],
    ['the dry run is refused', { dryRun: refusedDryRun }, 'dry_run_failed', 'Dry-run failed: denied by policy: more than 4 replicas'],
    ['nobody made the dry run', { dryRun: null }, 'dry_run_failed', 'Dry-run failed: no dry run was made'],
    ['all is wrong, and names the permission', { access: denied, target: null, dryRun: refusedDryRun }, 'rbac_validation_failed', 'not permitted'],
  ])('fails when %s', (_sentence, world, reason, message) => {
    const decision = decide(world);
    expect(told(decision)).toEqual(['RecordAudit execution.failed', 'PatchStatus', 'EmitEvent Warning ExecutionFailed']);
    expect(statusOf(decision)).toMatchObject({
      phase: 'failed',
      reason,
      message: expect.stringContaining(message),
      validationTime: now,
      completionTime: now,
      validationResults: { errorMessage: expect.stringContaining(message) },
      executionResults: { success: false, errorMessage: expect.stringContaining(message), executionDuration: '5s' },
    });
    expect(conditionIn(decision, 'Validated')).toMatch(/^False /);
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it.each<[sentence: string, world: Partial<Seen>, results: object]>([
    ['the permission alone', { access: denied, target: null, dryRun: null }, { rbacValid: false }],
    ['the permission and the target', { target: null, dryRun: null }, { rbacValid: true, resourceExists: false }],
    ['the words of the API', { dryRun: refusedDryRun }, { rbacValid: true, resourceExists: true, dryRunPassed: false, dryRunOutput: refusedDryRun.message }],
    [
      'what kubectl would print',
      {},
      { rbacValid: true, resourceExists: true, dryRunPassed: true, dryRunOutput: 'deployment.apps/payment-api scaled (dry run)' },
    ],
  ])('says what it asked, and no more: %s', (_sentence, world, results) => {
    const { errorMessage: _words, ...said } = mapAt(statusOf(decide(world)), 'validationResults');
    expect(said).toEqual(results);
  });

  it('keeps what undoes the action before anything runs, and arms the timer of the deadline', () => {
    const decision = decide();
    expect(told(decision)).toEqual(['RecordAudit execution.validated', 'PatchStatus']);
    expect(statusOf(decision)).toMatchObject({
      phase: 'executing',
      phaseStartTime: now,
      validationTime: now,
      rollbackInformation: { available: true, action: 'scale_deployment', parameters: { deployment: 'payment-api', replicas: 3 }, capturedAt: now },
      targetBefore: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'payment-api', uid: 'u1' }, spec: { replicas: 3 } },
    });
    expect(statusOf(decision)).not.toHaveProperty('startTime');
    expect(['Ready', 'Succeeded', 'Validated'].map((type) => conditionIn(decision, type))).toEqual(['False Executing', 'Unknown Running', 'True Completed']);
    expect(effectsOf(decision, 'RecordAudit')[0]).toMatchObject({
      phaseFrom: 'validating',
      phaseTo: 'executing',
      message: 'scale_deployment may run on Deployment production/payment-api',
    });
    expect(decision.wakeAfterSeconds).toEqual([295]);
  });

  it('says that what cannot be undone cannot be undone', () => {
    const restart = asking({ actionType: 'restart_pod', actionParams: { namespace: 'production', pod: 'payment-api-7d9-x1' }, targetUid: '' });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'payment-api-7d9-x1',
        namespace: 'production',
        uid: 'p1',
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r1', controller: true }],
      },
    };
    expect(statusOf(decide({ target: pod }, restart))).toMatchObject({ phase: 'executing', rollbackInformation: { available: false } });
  });

  it('takes any uid when an earlier step was to create the target', () => {
    expect(statusOf(decide({}, asking({ targetUid: '' })))).toMatchObject({ phase: 'executing' });
  });

  it('completes without a Job when the world already is as wanted, whatever a precondition would say', () => {
    const decision = decide({ context: [anAutoscaler('payment-api')], dryRun: null }, scaleTo(3));
    const message = 'payment-api already has 3 replicas: nothing to do';
    expect(told(decision)).toEqual(['RecordAudit execution.completed', 'PatchStatus', 'EmitEvent Normal ExecutionCompleted']);
    expect(statusOf(decision)).toMatchObject({
      phase: 'completed',
      reason: null,
      validationResults: { rbacValid: true, resourceExists: true },
      rollbackInformation: { available: false },
      executionResults: { success: true, message, executionDuration: '5s' },
    });
    expect(['Succeeded', 'Validated', 'OutcomeVerified'].map((type) => conditionIn(decision, type))).toEqual([
      'True NoActionNeeded',
      'True Completed',
      'True Completed',
    ]);
    expect(effectsOf(decision, 'EmitEvent')[0]?.message).toBe(`Action scale_deployment completed successfully: ${message}`);
  });

  it('does not begin what it could not take back: an undo beyond what a status holds', () => {
    const action = { ...scaleTo5, undo: () => ({ action: 'scale_deployment', parameters: { old: 'x'.repeat(65_400) } }) };
    expect(findingBeforeDryRun({ ...allIsWell, execution: anExecution(), action })).toMatchObject({
      reason: 'precondition_failed',
      message: expect.stringMatching(/^spec\.actionParams: what scale_deployment would have to restore has \d+ bytes: change less at once/),
    });
  });

  it('masks and cuts what the API says', () => {
    const dryRun: DryRun = { kind: 'refused', status: 403, message: `token: abcdefgh12345678 ${'x'.repeat(9_000)}` };
    const output = stringAt(statusOf(decide({ dryRun })), 'validationResults', 'dryRunOutput');
    expect(output).not.toContain('abcdefgh12345678');
    expect(output).toHaveLength(4_096);
  });

  it('judges the specification again, for a newer catalogue may know the action no more', () => {
    expect(statusOf(decide({ access: null, target: null }, asking({ actionType: 'forgotten' })))).toMatchObject({ phase: 'failed', reason: 'unknown_action' });
  });

  it('has a minute, for a cluster that cannot be read', () => {
    expect(validating(settings).deadline?.(anExecution())).toBe('2026-01-15T10:36:15Z');
  });
});

interface Answers {
  readonly access?: AccessReview;
  readonly target?: KubernetesObject | null;
  readonly lists?: readonly KubernetesObject[];
  readonly dryRun?: DryRun;
}

/** Ports that write down what they were asked. */
function portsThat({ access = { allowed: true, reason: '' }, target = aDeployment(), lists = [], dryRun = { kind: 'accepted', objects: [] } }: Answers) {
  const asked: string[] = [];
  const say = <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  const ports: ClusterReader = {
    get: ({ kind }) => say(`get ${kind}`, target),
    list: ({ kind }) => say(`list ${kind}`, kind === 'HorizontalPodAutoscaler' ? lists : []),
    reviewAccess: (account, _rules, namespace) => say(`review ${account} in ${namespace ?? 'the cluster'}`, access),
    dryRun: (account, requests) => say(`dry run ${account} ${requests.map(({ method }) => method).join(' ')}`, dryRun),
    podLog: () => say('log', null),
  };
  return { ports, asked };
}

async function look(answers: Answers, execution: KubernetesExecution = anExecution()) {
  const { ports, asked } = portsThat(answers);
  return { seen: await validating(settings).observe(execution, ports, startTime), asked };
}

const review = 'review scale-deployment-sa in production';
const lists = ['list HorizontalPodAutoscaler'];

describe('what validating asks', () => {
  it.each<[sentence: string, answers: Answers, execution: KubernetesExecution, asked: readonly string[]]>([
    ['everything, in order, when all is well', {}, anExecution(), [review, 'get Deployment', ...lists, 'dry run scale-deployment-sa PATCH']],
    ['only the permission of an identity that may not act', { access: denied }, anExecution(), [review]],
    ['no dry run on a target that does not exist', { target: null }, anExecution(), [review, 'get Deployment']],
    ['no dry run on another object', { target: aDeployment({ metadata: { uid: 'u2' } }) }, anExecution(), [review, 'get Deployment']],
    ['no dry run against a precondition', { lists: [anAutoscaler('payment-api')] }, anExecution(), [review, 'get Deployment', ...lists]],
    ['no dry run of nothing', {}, scaleTo(3), [review, 'get Deployment']],
    ['nothing at all for what may not run', {}, asking({ actionType: 'forgotten' }), []],
  ])('is %s', async (_sentence, answers, execution, asked) => {
    expect((await look(answers, execution)).asked).toEqual(asked);
  });

  it('is what decide looks at', async () => {
    const { seen } = await look({ lists: [anAutoscaler('other')] });
    expect(seen).toEqual({ ...allIsWell, context: [anAutoscaler('other')] });
  });

  it('is trouble, not an answer, when the cluster cannot be asked', async () => {
    const { ports } = portsThat({});
    const away = { ...ports, reviewAccess: () => Promise.reject(new Error('timeout')) };
    await expect(validating(settings).observe(anExecution(), away, now)).rejects.toThrow('timeout');
  });
});
