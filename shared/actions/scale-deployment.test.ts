import { describe, expect, it } from 'vitest';
import { aBudget, aDeployment, anAutoscaler, aRollout, aScaledDeployment, aTemplate, boundSample } from '../../test/support/actions.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { bindAction, fromRecommendation, parseAction } from './index.ts';

const toFive = boundSample('scale_deployment');
const scale = (replicas: number, more: JsonObject = {}) => boundSample('scale_deployment', { replicas, ...more });

describe('scale_deployment', () => {
  it.each<[sentence: string, changes: JsonObject, field: string, message: string]>([
    ['a fraction', { replicas: 2.5 }, 'replicas', 'replicas: must be a whole number from 0 to 1000'],
    ['a text', { replicas: '5' }, 'replicas', 'replicas: must be a whole number from 0 to 1000'],
    ['a negative number', { replicas: -1 }, 'replicas', 'replicas: must be a whole number from 0 to 1000'],
    ['more than the bound', { replicas: 1001 }, 'replicas', 'replicas: must be a whole number from 0 to 1000'],
    ['no number', { replicas: undefined }, 'replicas', 'replicas: is missing: it must be a whole number from 0 to 1000'],
    ['a name with a leading dash', { deployment: '-all' }, 'deployment', 'deployment: must be the name of a Deployment'],
    ['no namespace', { namespace: undefined }, 'namespace', 'namespace: is missing: it must be a namespace'],
    ['a misspelt parameter', { replcas: 5 }, 'replcas', 'replcas: is no parameter of scale_deployment: did you mean replicas?'],
    ['a strange parameter', { command: 'x' }, 'command', 'command: is no parameter of scale_deployment'],
    ['a false restore', { restore: false }, 'restore', 'restore: must be true or left out'],
  ])('refuses %s', (_sentence, changes, field, message) => {
    const parameters = { namespace: 'production', deployment: 'payment-api', replicas: 5, ...changes };
    expect(parseAction('scale_deployment', parameters)).toEqual({ kind: 'invalid_parameters', field, message: expect.stringContaining(message) });
  });

  it('reads a recommendation: targetReplicas are the replicas, currentReplicas information, and a limit cannot be talked away', () => {
    const recommended = { namespace: 'production', deployment: 'payment-api', currentReplicas: 3, targetReplicas: 5, restore: true };
    expect(fromRecommendation('scale_deployment', recommended)).toEqual({ namespace: 'production', deployment: 'payment-api', replicas: 5 });
    expect(fromRecommendation('scale_deployment', { replicas: 2, odd: 1 })).toEqual({ replicas: 2, odd: 1 });
  });

  it('is one kubectl command, and the requests that it makes', () => {
    expect(toFive.argv(aDeployment())).toEqual(['scale', 'deployment', 'payment-api', '--namespace=production', '--replicas=5']);
    const path = '/apis/apps/v1/namespaces/production/deployments/payment-api';
    expect(toFive.requests(aDeployment())).toEqual([
      { method: 'GET', path },
      { method: 'PATCH', path: `${path}/scale`, patchType: 'application/merge-patch+json', body: { spec: { replicas: 5 } } },
    ]);
    expect(toFive.dryRunOutput(aDeployment())).toBe('deployment.apps/payment-api scaled (dry run)');
    expect(toFive.success()).toBe('Successfully scaled payment-api to 5 replicas');
  });

  it.each<[sentence: string, replicas: number, before: KubernetesObject | null, risk: string]>([
    ['up is low', 5, aDeployment(), 'low'],
    ['down is moderate', 2, aDeployment(), 'moderate'],
    ['to nothing is high', 0, aDeployment(), 'high'],
    ['to nothing is high before anybody looked', 0, null, 'high'],
    ['an unknown direction counts as down', 5, null, 'moderate'],
  ])('risk: %s', (_sentence, replicas, before, risk) => {
    expect(scale(replicas).risk(before)).toBe(risk);
  });

  it.each<[sentence: string, from: number, to: number]>([
    ['three times as many', 3, 9],
    ['twenty more', 30, 50],
    ['one more than none', 0, 1],
    ['one more than one', 1, 3],
    ['fewer', 10, 1],
  ])('allows %s', (_sentence, from, to) => {
    expect(scale(to).preconditions(aScaledDeployment(from, from), [])).toEqual([]);
  });

  it.each<[sentence: string, from: number, to: number, most: number]>([
    ['more than three times as many', 3, 10, 9],
    ['more than twenty more', 30, 51, 50],
    ['two more than none', 0, 2, 1],
  ])('forbids %s', (_sentence, from, to, most) => {
    const message = expect.stringContaining(`replicas: must be at most ${most}: payment-api has ${from}`);
    expect(scale(to).preconditions(aScaledDeployment(from, from), [])).toEqual([{ field: 'replicas', message }]);
  });

  it.each<[sentence: string, to: number, context: KubernetesObject, message: string]>([
    ['an autoscaler sets the replicas', 5, anAutoscaler('payment-api'), 'HorizontalPodAutoscaler payment-hpa sets them (2 to 10)'],
    ['a budget wants more pods', 1, aBudget({ minAvailable: 2 }), 'replicas: must be at least 2: PodDisruptionBudget payment-budget'],
    ['a budget wants a share and nothing is left', 0, aBudget({ minAvailable: '50%' }), 'replicas: must be at least 1'],
    ['a budget selects by expression', 1, aBudget({ minAvailable: 2, selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }), 'at least 2'],
    ['an operator is newer than we are', 1, aBudget({ minAvailable: 2, selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } }), 'at least 2'],
  ])('forbids when %s', (_sentence, to, context, message) => {
    expect(scale(to).preconditions(aDeployment(), [null, context])).toEqual([{ field: 'replicas', message: expect.stringContaining(message) }]);
  });

  it.each<[sentence: string, to: number, context: KubernetesObject]>([
    ['the autoscaler is that of another', 5, anAutoscaler('billing')],
    ['the autoscaler is that of a StatefulSet', 5, anAutoscaler('payment-api', 'StatefulSet')],
    ['the budget is met', 2, aBudget({ minAvailable: 2 })],
    ['the budget selects other pods', 1, aBudget({ minAvailable: 2, selector: { matchLabels: { app: 'billing' } } })],
    ['the budget selects nothing', 1, aBudget({ minAvailable: 2, selector: undefined })],
    ['the budget only says how many may be missing', 1, aBudget({ maxUnavailable: 1 })],
    ['it goes up, though still below the budget', 4, aBudget({ minAvailable: 9 })],
  ])('allows when %s', (_sentence, to, context) => {
    expect(scale(to).preconditions(aDeployment(), [context])).toEqual([]);
  });

  it('leaves a Deployment alone that is being deleted', () => {
    const target = aDeployment({ metadata: { deletionTimestamp: '2026-01-15T10:35:20Z' } });
    expect(toFive.preconditions(target, [])).toEqual([{ field: '', message: expect.stringContaining('is being deleted since 2026-01-15T10:35:20Z') }]);
  });

  it('has nothing to do where the number is right', () => {
    expect(scale(3).alreadyDone(aDeployment())).toBe('payment-api already has 3 replicas: nothing to do');
    expect(toFive.alreadyDone(aDeployment())).toBeNull();
    expect(scale(1).alreadyDone(aDeployment({ spec: {} }))).toContain('already has 1');
  });

  it.each<[sentence: string, before: number, to: number]>([
    ['up', 3, 5],
    ['down', 10, 2],
    ['to nothing', 5, 0],
  ])('can be undone, and the undo undone: %s', (_sentence, before, to) => {
    const undo = scale(to).undo(aScaledDeployment(before, before));
    expect(undo).toEqual({ action: 'scale_deployment', parameters: { namespace: 'production', deployment: 'payment-api', replicas: before, restore: true } });
    const back = bindAction('scale_deployment', undo?.parameters ?? {});
    const after = aScaledDeployment(to, to);
    expect(back.preconditions(after, [])).toEqual([]);
    const again = bindAction('scale_deployment', back.undo(after)?.parameters ?? {});
    expect(again.preconditions(aScaledDeployment(before, before), [])).toEqual([]);
    expect(again.parameters['replicas']).toBe(to);
  });

  it.each<[sentence: string, world: KubernetesObject | null, kind: string, message: string]>([
    ['the number is another', aScaledDeployment(3, 3), 'failed', 'expected 5 replicas, got 3'],
    ['a replica is not ready', aScaledDeployment(5, 4), 'waiting', 'only 4 of 5 replicas ready'],
    ['nothing is ready', aDeployment({ spec: { replicas: 5 }, status: {} }), 'waiting', 'only 0 of 5 replicas ready'],
    ['too many are ready still', aScaledDeployment(5, 6), 'waiting', 'still 6 replicas ready, 5 wanted'],
    ['all are ready', aScaledDeployment(5, 5), 'ok', 'Verified 5 replicas running and ready'],
    [
      'the status is an old one',
      aDeployment({ spec: { replicas: 5 }, status: { ...aRollout(5), observedGeneration: 1 } }),
      'waiting',
      '5 replicas ready, but the controller has not observed the change yet',
    ],
    ['it is gone', null, 'failed', 'deployment payment-api is gone'],
    ['it is another', aDeployment({ metadata: { uid: 'u9' } }), 'failed', 'deployment payment-api was replaced: its uid is u9, expected u1'],
  ])('judges when %s', (_sentence, world, kind, message) => {
    const before = toFive.remember(aDeployment());
    expect(toFive.outcome.reads(before)).toEqual([toFive.target]);
    expect(toFive.outcome.judge(before, [world])).toEqual({ kind, message });
  });

  it('has two minutes to become healthy, and keeps of the target what may be asked later', () => {
    expect(toFive.outcome.deadlineSeconds).toBe(120);
    expect(toFive.remember(aDeployment({ spec: { replicas: 3, template: aTemplate() } }))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'payment-api', namespace: 'production', uid: 'u1' },
      spec: { replicas: 3 },
    });
  });
});
