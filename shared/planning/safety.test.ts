import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aStep, aWorkflow, settings, type WorkflowOverrides } from '../../test/support/workflows.ts';
import { actions, bindAction } from '../actions/index.ts';
import { safetyFault } from './safety.ts';

const fault = (overrides: WorkflowOverrides) => {
  // The builder plans with the catalogue, which refuses what these tests are about: so the spec is put in afterwards.
  const { spec } = aWorkflow();
  const { steps = spec.workflowDefinition.steps, targetCluster = spec.targetCluster } = overrides;
  return safetyFault({ ...spec, targetCluster, workflowDefinition: { steps } }, settings);
};
const scale = (parameters: Readonly<Record<string, string | number>>) => ({ namespace: 'production', deployment: 'payment-api', replicas: 5, ...parameters });

describe('safetyFault', () => {
  it('has nothing against the healthy workflow', () => {
    expect(fault({})).toBeNull();
  });

  it.each<[string, WorkflowOverrides, string]>([
    ['an unknown cluster', { targetCluster: 'moon' }, 'targetCluster: unknown cluster "moon": this installation acts on "primary-cluster"'],
    [
      'an unknown action',
      { steps: [aStep('a', { action: 'scale_deploymnt' })] },
      'workflowDefinition.steps[0].action: scale_deploymnt is no action of the catalogue: did you mean scale_deployment?',
    ],
    ['an action without its template', { steps: [aStep('a', { action: 'failover_database', parameters: {} })] }, 'workflowDefinition.steps[0].action: '],
    [
      'a parameter that is too large',
      { steps: [aStep('a'), aStep('b', { parameters: scale({ replicas: 1001 }) })] },
      'workflowDefinition.steps[1].parameters.replicas: must be',
    ],
    [
      'a parameter of another type',
      { steps: [aStep('a'), aStep('b', { parameters: scale({ replicas: 'five' }) })] },
      'workflowDefinition.steps[1].parameters.replicas: must be',
    ],
    [
      'an unknown parameter',
      { steps: [aStep('a', { parameters: scale({ replica: 3 }) })] },
      'workflowDefinition.steps[0].parameters.replica: is no parameter of scale_deployment',
    ],
    [
      'a value that looks like a flag',
      { steps: [aStep('a', { parameters: scale({ deployment: '--all' }) })] },
      'workflowDefinition.steps[0].parameters.deployment: ',
    ],
    [
      'a protected namespace',
      { steps: [aStep('a', { parameters: scale({ namespace: 'kube-system' }) })] },
      'workflowDefinition.steps[0].parameters.namespace: ',
    ],
    [
      'our own namespace',
      { steps: [aStep('a', { parameters: scale({ namespace: 'kubernaut-system' }) })] },
      'workflowDefinition.steps[0].parameters.namespace: ',
    ],
    [
      'an unknown action as rollback',
      { steps: [aStep('a', { rollback: { action: 'undo_all', parameters: {} } })] },
      'workflowDefinition.steps[0].rollback.action: ',
    ],
    [
      'a bad parameter of the rollback',
      { steps: [aStep('a', { rollback: { action: 'scale_deployment', parameters: scale({ replicas: -1 }) } })] },
      'workflowDefinition.steps[0].rollback.parameters.replicas: ',
    ],
    [
      'a rollback in a protected namespace',
      { steps: [aStep('a', { rollback: { action: 'scale_deployment', parameters: scale({ namespace: 'kube-public' }) } })] },
      'workflowDefinition.steps[0].rollback.parameters.namespace: ',
    ],
    [
      'a step that lifts the limits',
      { steps: [aStep('a'), aStep('b', { parameters: { ...scale({}), restore: true } })] },
      'workflowDefinition.steps[1].parameters.restore: is set by an undo only, which takes back what kubernaut itself has changed: leave it out',
    ],
    [
      'an undo of its own that lifts the limits',
      { steps: [aStep('a', { rollback: { action: 'scale_deployment', parameters: { ...scale({}), restore: true } } })] },
      'workflowDefinition.steps[0].rollback.parameters.restore: is set by an undo only',
    ],
    ['more time than the action may take', { steps: [aStep('a', { timeout: '16m' })] }, 'workflowDefinition.steps[0].timeout: 16m is longer than'],
    ['the first of two faults', { steps: [aStep('a', { action: 'one' }), aStep('b', { action: 'two' })] }, 'workflowDefinition.steps[0].action: one'],
  ])('names %s', (_sentence, overrides, words) => {
    expect(fault(overrides)).toContain(words);
  });

  it('says a field once', () => {
    expect(fault({ steps: [aStep('a', { parameters: scale({ replicas: 1001 }) })] })).not.toContain('replicas: replicas');
  });

  it('lets nothing pass whose arguments cannot be built', () => {
    const catalogued = actions.flatMap(({ name, aliases, params }) => [name, ...aliases].map((action) => ({ action, keys: Object.keys(params.shape) })));
    const value = fc.oneof(
      fc.constantFrom('production', 'kube-system', 'payment-api', 'deployment', 'app', '512Mi', '--all', true, 5, -1, 10_000, null),
      fc.dictionary(fc.constantFrom('LOG_LEVEL', 'a b'), fc.string(), { maxKeys: 2 }),
    );
    const aWildStep = fc
      .constantFrom(...catalogued)
      .chain(({ action, keys }) => fc.dictionary(fc.constantFrom(...keys, 'replica'), value).map((parameters) => aStep('a', { action, parameters })));
    fc.assert(
      fc.property(aWildStep, (step) => {
        if (fault({ steps: [step] }) !== null) return;
        expect(bindAction(step.action, step.parameters).target.name).not.toMatch(/^-/);
      }),
    );
  });
});
