import { describe, expect, it } from 'vitest';
import { aStep, aWorkflow } from '../../test/support/workflows.ts';
import { batchesOf } from './batches.ts';
import { planDigest } from '../../shared/planning/plan-digest.ts';
import { planOf } from './plan.ts';

const three = ['a', 'b', 'c'].map((name) => aStep(name));
const planned = (...of: Parameters<typeof aWorkflow>) => {
  const { spec } = aWorkflow(...of);
  return planOf(spec, batchesOf(spec.workflowDefinition.steps, spec.executionStrategy.mode));
};

describe('planOf', () => {
  it('estimates the specification’s one step at five minutes', () => {
    expect(planned()).toMatchObject({
      strategy: 'sequential',
      estimatedDuration: '5m',
      rollbackStrategy: 'automatic',
      executionOrder: [{ batch: 1, steps: ['scale-deployment'], parallel: false }],
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  it.each([
    ['sequential steps one after another', { steps: three }, '15m'],
    ['the steps’ own timeouts', { steps: [aStep('a', { timeout: '1m' }), aStep('b', { timeout: '2m30s' })] }, '3m30s'],
    ['parallel steps by the longest', { steps: [aStep('a', { timeout: '1m' }), aStep('b', { timeout: '2m' })], strategy: { mode: 'parallel' } }, '2m'],
    [
      'parallel steps on two lanes',
      {
        steps: [aStep('a', { timeout: '1m' }), aStep('b', { timeout: '3m' }), aStep('c', { timeout: '1m' })],
        strategy: { mode: 'parallel', maxParallelSteps: 2 },
      },
      '3m',
    ],
    ['batches one after another', { steps: [...three, aStep('d', { dependencies: ['a'], timeout: '1m' })], strategy: { mode: 'parallel' } }, '6m'],
  ] as const)('estimates %s', (_sentence, workflow, estimatedDuration) => {
    expect(planned(workflow)).toMatchObject({ estimatedDuration });
  });

  it('adds up every deadline to come', () => {
    // validating 300, the execution 60 + 300 + 90, monitoring 60 + 60, the undo again 450
    expect(planned().worstCaseSeconds).toBe(300 + 450 + 120 + 450);
    expect(planned({ strategy: { rollbackOnFailure: false, monitoringSeconds: 0 } }).worstCaseSeconds).toBe(300 + 450 + 60);
  });

  it('counts an outcome that may take longer than the action', () => {
    expect(planned({ steps: [aStep('a', { timeout: '10s' })], strategy: { rollbackOnFailure: false } }).worstCaseSeconds).toBe(300 + 60 + 120 + 90 + 120);
  });

  it('rolls nothing back when it is switched off', () => {
    expect(planned({ strategy: { rollbackOnFailure: false } }).rollbackStrategy).toBe('none');
  });
});

describe('planDigest', () => {
  const { spec } = aWorkflow({ steps: three });
  const order = batchesOf(three, 'sequential');

  it('is the same for the same plan', () => {
    expect(planDigest(aWorkflow({ steps: three }).spec, batchesOf(three, 'sequential'))).toBe(planDigest(spec, order));
  });

  it.each([
    [
      'a parameter',
      aWorkflow({ steps: [aStep('a', { parameters: { namespace: 'production', deployment: 'payment-api', replicas: 6 } }), ...three.slice(1)] }).spec,
    ],
    ['the strategy', aWorkflow({ steps: three, strategy: { dryRunFirst: false } }).spec],
    ['the cluster', aWorkflow({ steps: three, targetCluster: 'other' }).spec],
  ])('changes with %s', (_sentence, other) => {
    expect(planDigest(other, order)).not.toBe(planDigest(spec, order));
  });

  it('changes with the order', () => {
    expect(
      planDigest(
        spec,
        order.map((batch) => ({ ...batch, steps: batch.steps.toReversed() })),
      ),
    ).not.toBe(planDigest(spec, order));
  });

  it('does not change with what only informs', () => {
    expect(planDigest(aWorkflow({ steps: three, environment: 'production' }).spec, order)).toBe(planDigest(spec, order));
  });
});
