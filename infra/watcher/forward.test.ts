import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { forwardingsOf, type Change } from './forward.ts';

const owner = (apiVersion: string, kind: string, name: string) => ({ ownerReferences: [{ apiVersion, kind, name, uid: 'u', controller: true }] });
const workflow = (phase: string): KubernetesObject => ({
  apiVersion: 'workflow.kubernaut.io/v1',
  kind: 'WorkflowExecution',
  metadata: { name: 'rr-1-workflow', namespace: 'kubernaut-system', ...owner('remediation.kubernaut.io/v1', 'RemediationRequest', 'rr-1') },
  status: { phase },
});
const job = (conditions: readonly unknown[]): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'ke-1', namespace: 'kubernaut-system', ...owner('executor.kubernaut.io/v1', 'KubernetesExecution', 'rr-1-workflow-scale') },
  status: { conditions },
});
const sentTo = (change: Change, object: KubernetesObject) =>
  forwardingsOf(change, object, 'primary-cluster').map(({ queue, message }) => `${queue} ${message.name}`);

describe('what a change wakes', () => {
  it.each<[string, Change, KubernetesObject, string[]]>([
    ['a running resource wakes its own function only', 'changed', workflow('executing'), ['workflow-executions rr-1-workflow']],
    ['a resource that is over wakes its owner too', 'changed', workflow('failed'), ['workflow-executions rr-1-workflow', 'remediation-requests rr-1']],
    ['a deleted resource wakes its owner only', 'deleted', workflow('executing'), ['remediation-requests rr-1']],
    ['a fresh list wakes what runs', 'present', workflow(''), ['workflow-executions rr-1-workflow']],
    ['a fresh list wakes nothing that is over', 'present', workflow('completed'), []],
    ['a running Job wakes nobody', 'changed', job([]), []],
    ['a Job about to fail wakes nobody', 'changed', job([{ type: 'FailureTarget', status: 'True' }]), []],
    ['a complete Job wakes its execution', 'changed', job([{ type: 'Complete', status: 'True' }]), ['kubernetes-executions rr-1-workflow-scale']],
    ['a failed Job wakes its execution', 'changed', job([{ type: 'Failed', status: 'True' }]), ['kubernetes-executions rr-1-workflow-scale']],
    ['a deleted Job wakes its execution', 'deleted', job([]), ['kubernetes-executions rr-1-workflow-scale']],
    ['a fresh list wakes nobody for a Job', 'present', job([{ type: 'Complete', status: 'True' }]), []],
  ])('%s', (_sentence, change, object, expected) => {
    expect(sentTo(change, object)).toEqual(expected);
  });

  it('sends a key and its cause, never state', () => {
    expect(forwardingsOf('changed', workflow('executing'), 'primary-cluster')[0]?.message).toEqual({
      cluster: 'primary-cluster',
      kind: 'WorkflowExecution',
      namespace: 'kubernaut-system',
      name: 'rr-1-workflow',
      cause: 'watch',
    });
  });

  it('wakes no stranger that owns something of ours', () => {
    const adopted = { ...workflow('failed'), metadata: { name: 'x', namespace: 'kubernaut-system', ...owner('example.com/v1', 'Thing', 't') } };
    expect(sentTo('deleted', adopted)).toEqual([]);
  });
});
