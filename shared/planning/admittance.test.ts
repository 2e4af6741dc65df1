import { describe, expect, it } from 'vitest';
import { anExecution, settings } from '../../test/support/executions.ts';
import type { AdmittanceFailure, ExecutionSpec } from '../api/kubernetes-execution.ts';
import { admit } from './admittance.ts';

const admitted = (spec: Partial<ExecutionSpec>, ours = settings) => admit(anExecution({ spec }).spec, ours);
const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'production', name: 'payment-api' };
const scale = (namespace: string) => ({
  actionParams: { namespace, deployment: 'payment-api', replicas: 5 },
  targetCluster: { name: 'primary-cluster', namespace },
});

describe('what may run', () => {
  it.each<[sentence: string, spec: Partial<ExecutionSpec>]>([
    ['an action of the catalogue with parameters that it takes', {}],
    ['a target beside them that says the same', { target }],
    ['a namespace that is left out beside them', { targetCluster: { name: 'primary-cluster', namespace: '' } }],
    [
      'what stood there before, where another is undone',
      { actionParams: { ...scale('production').actionParams, restore: true }, rollbackOf: 'rr-1-workflow-scale' },
    ],
    ['the longest time that the action may take', { timeout: '15m' }],
  ])('is %s', (_sentence, spec) => {
    expect(admitted(spec)).toMatchObject({ kind: 'admitted', action: { name: 'scale_deployment', target } });
  });
});

describe('what is refused', () => {
  it.each<[sentence: string, spec: Partial<ExecutionSpec>, reason: AdmittanceFailure, message: string]>([
    [
      'an action that nobody knows',
      { actionType: 'scale_deploymnt' },
      'unknown_action',
      'spec.actionType: scale_deploymnt is no action of the catalogue: did you mean scale_deployment?',
    ],
    ['another name of an action, which admission would have resolved', { actionType: 'delete_pod' }, 'unknown_action', 'write restart_pod'],
    ['an action that waits for a template', { actionType: 'custom_script' }, 'action_not_enabled', 'spec.actionType: custom_script is not enabled'],
    [
      'a parameter out of bounds',
      { actionParams: { namespace: 'production', deployment: 'payment-api', replicas: -1 } },
      'invalid_parameters',
      'spec.actionParams.replicas: must be a whole number',
    ],
    [
      'a parameter that is none',
      { actionParams: { namespace: 'production', deployment: 'payment-api', replica: 5 } },
      'invalid_parameters',
      'spec.actionParams.replica',
    ],
    [
      'an argument in disguise',
      { actionParams: { namespace: 'production', deployment: '--all', replicas: 5 } },
      'invalid_parameters',
      'spec.actionParams.deployment',
    ],
    [
      'a target that says something else',
      { target: { ...target, name: 'billing' } },
      'invalid_parameters',
      'spec.target.name: is "billing", but the parameters of scale_deployment say "payment-api"',
    ],
    [
      'a namespace that says something else',
      { targetCluster: { name: 'primary-cluster', namespace: 'staging' } },
      'invalid_parameters',
      'spec.targetCluster.namespace: is "staging"',
    ],
    ['a namespace that no action may touch', scale('kube-system'), 'protected_namespace', 'kube-system is protected'],
    [
      'another cluster',
      { targetCluster: { name: 'west', namespace: 'production' } },
      'unknown_cluster',
      'spec.targetCluster.name: "west" is unknown: this installation acts on "primary-cluster"',
    ],
    [
      'what lifts the limits, where nothing is undone',
      { actionParams: { namespace: 'production', deployment: 'payment-api', replicas: 5, restore: true } },
      'invalid_parameters',
      'spec.actionParams.restore: is set by an undo only',
    ],
    ['all of it at once, by what comes first', { ...scale('kube-system'), actionType: 'nonsense' }, 'unknown_action', 'nonsense'],
  ])('is %s', (_sentence, spec, reason, message) => {
    expect(admitted(spec)).toMatchObject({ kind: 'refused', reason, message: expect.stringContaining(message) });
  });

  it('is the namespace that the executor itself lives in, whatever it is called', () => {
    expect(admitted(scale('remediation'), { ...settings, namespace: 'remediation' })).toMatchObject({
      reason: 'protected_namespace',
      message: expect.stringContaining('remediation is where the executor itself lives'),
    });
  });

  it('is more time than the action may take', () => {
    const { spec } = anExecution();
    expect(admit({ ...spec, timeout: '20m' }, settings)).toMatchObject({
      reason: 'invalid_parameters',
      message: 'spec.timeout: 20m is longer than scale_deployment may take: at most 900s',
    });
  });
});
