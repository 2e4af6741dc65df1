import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { AccessReview, ClusterReader, DryRun } from '../../../shared/kubernetes/ports.ts';
import { aDeployment, anAutoscaler } from '../../../test/support/actions.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aRequestObjectOf,
  aRequestOf,
  aStep,
  aStepWorld,
  aWorkflow,
  conditionsOf,
  eventsOf,
  now,
  patchOf,
  portsOf,
  rowsOf,
  settings,
} from '../../../test/support/workflows.ts';
import type { Gate } from '../gate.ts';
import type { StepWorld } from '../validation.ts';
import { validating, type Observed } from './validating.ts';

const phase = validating(settings);
const later = '2026-01-15T10:40:00Z';
const expiresAt = '2026-01-15T10:50:10Z';

const open = (workflow = aWorkflow()): Gate => ({ owner: aRequestOf(workflow), pausedBy: null });
const decide = (observed: Partial<Observed> = {}, workflow = aWorkflow(), at = now) =>
  phase.decide(workflow, { steps: [aStepWorld()], gate: open(workflow), ...observed }, at);

const denied: AccessReview = { allowed: false, reason: 'scale-deployment-sa may not patch deployments/scale.apps in namespace production' };
const refused: DryRun = { kind: 'refused', status: 403, message: 'denied by policy' };
const unseen = { target: null, dryRun: null } as const;

describe('validating', () => {
  it('enters executing with results as the specification has them', () => {
    const decision = decide();
    expect(patchOf(decision)).toMatchObject({
      phase: 'executing',
      validationTime: now,
      validationResults: {
        rbacValid: true,
        resourceAvailable: true,
        dryRunPassed: true,
        approvalReceived: false,
        safetyChecksComplete: true,
        steps: [
          {
            stepName: 'scale-deployment',
            rbac: 'passed',
            resource: 'passed',
            targetUid: 'u1',
            dryRun: 'passed',
            dryRunOutput: 'deployment.apps/payment-api scaled (dry run)',
          },
        ],
      },
    });
    expect(patchOf(decision)?.['validationResults']).not.toHaveProperty('errorMessage');
    expect(conditionsOf(decision)).toEqual(['Ready=False Executing', 'Succeeded=Unknown Running', 'Permitted=True Granted', 'Validated=True Completed']);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.validated', phaseTo: 'executing' }]);
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it.each<[string, Partial<StepWorld>, string, string]>([
    [
      'the identity may not act',
      { access: denied, ...unseen },
      'rbac_validation_failed',
      'Insufficient RBAC for step scale-deployment: scale-deployment-sa may not patch',
    ],
    [
      'the target is gone',
      { target: { object: null }, dryRun: null },
      'resource_not_found',
      'Target resource not found for step scale-deployment: Deployment payment-api in namespace production',
    ],
    [
      'an autoscaler would take it back',
      { context: [anAutoscaler('payment-api')], dryRun: null },
      'precondition_failed',
      'workflowDefinition.steps[0].parameters.replicas: HorizontalPodAutoscaler',
    ],
    ['the dry run is refused', { dryRun: refused }, 'dry_run_failed', 'Dry-run failed for step scale-deployment: denied by policy'],
    ['nobody made the dry run', { dryRun: null }, 'dry_run_failed', 'no dry run was made'],
    ['nobody looked for the target', unseen, 'resource_not_found', 'Target resource not found'],
    [
      'all is wrong, and the permission comes first',
      { access: denied, target: { object: null }, dryRun: refused },
      'rbac_validation_failed',
      'Insufficient RBAC',
    ],
  ])('fails when %s', (_sentence, world, reason, words) => {
    const decision = decide({ steps: [aStepWorld('scale-deployment', world)] });
    const validationResults = { errorMessage: expect.stringContaining(words) };
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason, message: expect.stringContaining(words), validationResults, overallSuccess: false });
    expect(patchOf(decision)).not.toHaveProperty('validationTime');
    expect(conditionsOf(decision).some((condition) => condition.startsWith('Validated=False'))).toBe(true);
    expect(eventsOf(decision)).toMatchObject([{ reason: 'WorkflowFailed', message: expect.stringContaining(reason) }]);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.failed', reason }]);
  });

  it('judges all steps by one check before the next check', () => {
    const workflow = aWorkflow({ steps: [aStep('a'), aStep('b')] });
    const steps = [aStepWorld('a', { dryRun: refused }), aStepWorld('b', { target: { object: null }, dryRun: null })];
    const { reason, validationResults } = patchOf(decide({ steps }, workflow)) ?? {};
    expect(reason).toBe('resource_not_found');
    expect(validationResults).toMatchObject({
      rbacValid: true,
      resourceAvailable: false,
      steps: [{ resource: 'passed' }, { resource: 'failed', dryRun: 'skipped' }],
    });
  });

  it('wants no dry run where the strategy wants none', () => {
    const workflow = aWorkflow({ strategy: { dryRunFirst: false } });
    const patch = patchOf(decide({ steps: [aStepWorld('scale-deployment', { dryRun: null })] }, workflow));
    expect(patch).toMatchObject({ phase: 'executing', validationResults: { steps: [{ dryRun: 'skipped' }] } });
    expect(patch?.['validationResults']).not.toHaveProperty('dryRunPassed');
  });

  it('completes a dry run without asking anybody', () => {
    const decision = decide({ gate: null }, aWorkflow({ dryRun: true, strategy: { approvalRequired: true } }));
    expect(patchOf(decision)).toMatchObject({ phase: 'completed', reason: 'dry_run_only', validationTime: now, completionTime: now });
    expect(patchOf(decision)).not.toHaveProperty('overallSuccess');
    expect(conditionsOf(decision)).toEqual(expect.arrayContaining(['Succeeded=True DryRunOnly', 'Validated=True Completed']));
    expect(eventsOf(decision)).toMatchObject([{ type: 'Normal', reason: 'WorkflowCompleted' }]);
    expect(rowsOf(decision).map(({ type }) => type)).toEqual(['workflow.validated', 'workflow.completed']);
  });

  it('decides nothing on what nobody looked at', () => {
    expect(decide({ steps: null, gate: null }).effects).toEqual([]);
    expect(decide({ gate: null }).effects).toEqual([]);
  });

  it('ends when it was cancelled', () => {
    expect(patchOf(decide({}, aWorkflow({ annotations: { [cancelRequestedAnnotation]: 'true' } })))).toMatchObject({ phase: 'failed', reason: 'cancelled' });
  });
});

describe('the permission to act', () => {
  const workflow = aWorkflow();

  it.each<[string, Gate, string]>([
    ['there is no owner', { owner: null, pausedBy: null }, 'orphaned'],
    ['the owner has ended', { owner: aRequestOf(workflow, { status: { phase: 'failed' } }), pausedBy: null }, 'cancelled'],
    ['the owner was cancelled', { owner: aRequestOf(workflow, { spec: { cancel: true } }), pausedBy: null }, 'cancelled'],
  ])('is refused for good when %s', (_sentence, gate, reason) => {
    expect(patchOf(decide({ gate }))).toMatchObject({ phase: 'failed', reason });
  });

  it.each<[string, Gate, string]>([
    [
      'the owner does not name it yet',
      { owner: aRequestOf(workflow, { status: { phase: 'analyzing', workflowRef: undefined } }), pausedBy: null },
      'Permitted=False NotNamed',
    ],
    ['the owner is paused', { owner: aRequestOf(workflow, { spec: { pause: true } }), pausedBy: null }, 'Permitted=False OwnerPaused'],
    ['the namespace is paused', { owner: aRequestOf(workflow), pausedBy: 'production' }, 'Permitted=False OwnerPaused'],
  ])('is waited for when %s', (_sentence, gate, condition) => {
    const decision = decide({ gate });
    expect(patchOf(decision)).toMatchObject({ validationResults: { rbacValid: true } });
    expect(patchOf(decision)).not.toHaveProperty('phase');
    expect(conditionsOf(decision)).toEqual([condition]);
    expect(decision.wakeAfterSeconds).toEqual([5]);
  });

  it('is waited for in silence, longer and longer', () => {
    const gate = { owner: aRequestOf(workflow), pausedBy: 'production' };
    const waiting = aWorkflow({
      status: {
        validationResults: { rbacValid: true },
        conditions: [{ type: 'Permitted', status: 'False', reason: 'OwnerPaused', message: 'namespace production is paused', lastTransitionTime: now }],
      },
    });
    const decision = decide({ steps: null, gate }, waiting, later);
    expect(decision.effects).toEqual([]);
    expect(decision.wakeAfterSeconds?.[0]).toBeGreaterThan(60);
    expect(phase.deadline?.(waiting)).toBeNull();
  });

  it('enters executing when the pause ends', () => {
    const waiting = aWorkflow({
      status: {
        validationResults: { rbacValid: true },
        conditions: [{ type: 'Permitted', status: 'False', reason: 'OwnerPaused', message: '', lastTransitionTime: now }],
      },
    });
    const decision = decide({ steps: null }, waiting, later);
    expect(patchOf(decision)).toMatchObject({ phase: 'executing', validationTime: later, validationResults: { rbacValid: true } });
    expect(conditionsOf(decision)).toContain('Permitted=True Granted');
  });
});

describe('the deadline', () => {
  it('is five minutes after the phase began', () => {
    expect(phase.deadline?.(aWorkflow())).toBe('2026-01-15T10:40:10Z');
  });

  it('is five minutes after the approval was given', () => {
    const approval = { expiresAt, decision: 'approved', user: 'alice', at: later } as const;
    expect(phase.deadline?.(aWorkflow({ status: { approval } }))).toBe('2026-01-15T10:45:00Z');
  });
});

describe('what validating looks at', () => {
  const namespaces = ['production', 'kubernaut-system'].map((name): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));

  /** A cluster that counts what it is asked. */
  function looking(overrides: Partial<ClusterReader> = {}, objects: readonly KubernetesObject[] = [aDeployment()], workflow = aWorkflow()) {
    const twin = clusterTwin([...objects, ...namespaces, aRequestObjectOf(workflow)]);
    const asked: string[] = [];
    twin.onCall = ({ verb, kind, name }) => void asked.push(`${verb} ${kind} ${name}`.trimEnd());
    const cluster = {
      ...twin,
      reviewAccess: async (...question: Parameters<ClusterReader['reviewAccess']>) => {
        asked.push(`review ${question[0]} ${String(question[2])}`);
        return { allowed: true, reason: '' };
      },
      dryRun: async (account: string) => {
        asked.push(`dry run ${account}`);
        return { kind: 'accepted' as const, objects: [] };
      },
      ...overrides,
    };
    return { asked, observed: () => phase.observe(workflow, portsOf(cluster), now) };
  }

  it('is, for the healthy step, everything once', async () => {
    const { asked, observed } = looking();
    expect(await observed()).toMatchObject({ steps: [{ access: { allowed: true }, dryRun: { kind: 'accepted' } }], gate: { pausedBy: null } });
    expect(asked).toEqual([
      'review scale-deployment-sa production',
      'get Deployment payment-api',
      'list HorizontalPodAutoscaler',
      'dry run scale-deployment-sa',
      'get RemediationRequest rr-1',
      'get Namespace production',
      'get Namespace kubernaut-system',
    ]);
  });

  it('asks equal questions once', async () => {
    const { asked, observed } = looking({}, undefined, aWorkflow({ steps: [aStep('a'), aStep('b'), aStep('c')] }));
    await observed();
    expect(asked.filter((question) => question.startsWith('review'))).toHaveLength(1);
    expect(asked.filter((question) => question.startsWith('get Deployment'))).toHaveLength(1);
  });

  it('asks for no dry run as an identity that may not act', async () => {
    const { asked, observed } = looking({ reviewAccess: async () => denied });
    expect(await observed()).toMatchObject({ steps: [{ access: denied, target: null, dryRun: null }], gate: null });
    expect(asked).toEqual([]);
  });

  it('asks for no dry run of what does not exist', async () => {
    const { asked, observed } = looking({}, []);
    expect(await observed()).toMatchObject({ steps: [{ target: { object: null }, dryRun: null }], gate: null });
    expect(asked.some((question) => question.startsWith('dry run'))).toBe(false);
  });

  it('does not look upwards before the approval', async () => {
    const { asked, observed } = looking({}, undefined, aWorkflow({ strategy: { approvalRequired: true } }));
    expect(await observed()).toMatchObject({ gate: null });
    expect(asked.some((question) => question.includes('RemediationRequest'))).toBe(false);
  });

  it('is nothing while the approval is awaited', async () => {
    const waiting = aWorkflow({ strategy: { approvalRequired: true }, status: { validationResults: { rbacValid: true }, approval: { expiresAt } } });
    const { asked, observed } = looking({}, undefined, waiting);
    expect(await observed()).toEqual({ steps: null, gate: null });
    expect(asked).toEqual([]);
  });
});
