import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../../shared/api/labels.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { aStep, aWorkflow, conditionsOf, eventsOf, now, patchOf, portsOf, rowsOf, settings } from '../../../test/support/workflows.ts';
import { fresh } from './new.ts';
import { planning } from './planning.ts';

const decide = (workflow = aWorkflow()) => planning(settings).decide(withPhase(workflow), null, now);
const withPhase = (workflow: ReturnType<typeof aWorkflow>) => ({ ...workflow, status: { phase: 'planning' as const, startTime: now } });
const untouched = ({ status: _status, ...workflow }: ReturnType<typeof aWorkflow>) => workflow;
/** Steps that the builder could not plan. */
const withSteps = (...steps: readonly ReturnType<typeof aStep>[]) => {
  const workflow = aWorkflow();
  return { ...workflow, spec: { ...workflow.spec, workflowDefinition: { steps } } };
};

describe('the first pass', () => {
  it('starts the clock and enters planning', () => {
    const workflow = untouched(aWorkflow());
    const decision = fresh.decide(workflow, null, now);
    expect(patchOf(decision)).toMatchObject({ phase: 'planning', startTime: now, phaseStartTime: now });
    expect(conditionsOf(decision)).toEqual(['Ready=False Planning', 'Succeeded=Unknown Running']);
    expect(eventsOf(decision)).toEqual([]);
  });

  it('ends at once when it was cancelled meanwhile', () => {
    const workflow = untouched(aWorkflow({ annotations: { [cancelRequestedAnnotation]: 'true' } }));
    expect(patchOf(fresh.decide(workflow, null, now))).toMatchObject({ phase: 'failed', reason: 'cancelled' });
  });
});

describe('planning', () => {
  it('plans the specification’s one step, and arms the deadline of validating', () => {
    const decision = decide();
    expect(patchOf(decision)).toMatchObject({
      phase: 'validating',
      phaseStartTime: now,
      totalSteps: 1,
      currentStep: 0,
      stepStatuses: [],
      executionPlan: {
        strategy: 'sequential',
        estimatedDuration: '5m',
        rollbackStrategy: 'automatic',
        executionOrder: [{ batch: 1, steps: ['scale-deployment'], parallel: false }],
      },
    });
    expect(patchOf(decision)).not.toHaveProperty('overallSuccess');
    expect(decision.wakeAfterSeconds).toEqual([300]);
    expect(conditionsOf(decision)).toEqual(['Ready=False Validating', 'Succeeded=Unknown Running', 'Planned=True Completed', 'Approved=Unknown NotRequired']);
    expect(rowsOf(decision)).toMatchObject([
      { type: 'workflow.planned', phaseFrom: 'planning', phaseTo: 'validating', payload: { plan: { digest: expect.stringContaining('sha256:') } } },
    ]);
    expect(eventsOf(decision)).toEqual([]);
  });

  it('says nothing of the approval before it is asked for', () => {
    expect(conditionsOf(decide(aWorkflow({ strategy: { approvalRequired: true } }))).join()).not.toContain('Approved');
  });

  it.each([
    ['a cycle', [aStep('a', { dependencies: ['b'] }), aStep('b', { dependencies: ['a'] })], 'dependency_resolution_failed', 'a → b → a'],
    ['an unknown dependency', [aStep('a', { dependencies: ['x'] })], 'dependency_resolution_failed', 'workflowDefinition.steps[0].dependencies[0]'],
    ['a duplicate name', [aStep('a'), aStep('a')], 'dependency_resolution_failed', 'duplicate step name "a"'],
    ['a step name that no object may have', [aStep('A')], 'dependency_resolution_failed', 'workflowDefinition.steps[0].name'],
    [
      'a parameter out of bounds',
      [aStep('a'), aStep('b', { parameters: { namespace: 'production', deployment: 'payment-api', replicas: 1001 } })],
      'safety_validation_failed',
      'workflowDefinition.steps[1].parameters.replicas',
    ],
    ['both, and the graph is judged first', [aStep('a', { action: 'none', dependencies: ['a'] })], 'dependency_resolution_failed', 'a → a'],
  ])('fails for %s', (_sentence, steps, reason, words) => {
    const decision = decide(withSteps(...steps));
    expect(patchOf(decision)).toMatchObject({ phase: 'failed', reason, message: expect.stringContaining(words), completionTime: now, overallSuccess: false });
    expect(conditionsOf(decision)).toContain(
      reason === 'safety_validation_failed' ? 'Planned=False SafetyValidationFailed' : 'Planned=False DependencyResolutionFailed',
    );
    expect(eventsOf(decision)).toMatchObject([{ type: 'Warning', reason: 'WorkflowFailed', message: expect.stringContaining(words) }]);
    expect(rowsOf(decision)).toMatchObject([{ type: 'workflow.failed', reason }]);
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it('fails for a cluster that is not ours', () => {
    expect(patchOf(decide(aWorkflow({ targetCluster: 'moon' })))).toMatchObject({
      reason: 'safety_validation_failed',
      message: expect.stringContaining('targetCluster'),
    });
  });

  it('ends when it was cancelled, before it judges anything', () => {
    expect(patchOf(decide(aWorkflow({ targetCluster: 'moon', annotations: { [cancelRequestedAnnotation]: 'true' } })))).toMatchObject({
      phase: 'failed',
      reason: 'cancelled',
    });
  });

  it('looks at nothing', async () => {
    expect(await planning(settings).observe(aWorkflow(), portsOf(clusterTwin()), now)).toBeNull();
  });
});
