import { describe, expect, it } from 'vitest';
import { aChild } from '../../test/support/kernel.ts';
import { anExecution } from '../../test/support/executions.ts';
import { aRequestOf, aWorkflow } from '../../test/support/workflows.ts';
import { askToCancel, isAlive, isCancelRequested, isOurs, isVoid } from './children.ts';

describe('asking a child to cancel', () => {
  it('annotates a live child in the very state that was read, which wakes it', () => {
    expect(askToCancel(anExecution())).toEqual({
      kind: 'PatchMetadata',
      ref: {
        apiVersion: 'executor.kubernaut.io/v1',
        kind: 'KubernetesExecution',
        name: 'rr-1-workflow-scale',
        namespace: 'kubernaut-system',
        uid: 'ke1',
        resourceVersion: '41',
      },
      annotations: { 'kubernaut.io/cancel-requested': 'true' },
    });
  });

  it.each([
    ['has ended', anExecution({ phase: 'completed' })],
    ['has failed', anExecution({ phase: 'failed' })],
    ['was asked before', anExecution({ metadata: { annotations: { 'kubernaut.io/cancel-requested': 'true' } } })],
  ])('is not done when it %s', (_sentence, child) => {
    expect(askToCancel(child)).toBeNull();
  });

  it('reaches a child in its very first moment', () => {
    expect(askToCancel(anExecution({ phase: '' }))).not.toBeNull();
    expect(isAlive(anExecution({ phase: '' }))).toBe(true);
  });
});

describe('a request to cancel', () => {
  it.each([
    ['comes to a child from its parent', aWorkflow({ annotations: { 'kubernaut.io/cancel-requested': 'true' } }), true],
    ['comes to a request from a person', aRequestOf(aWorkflow(), { spec: { cancel: true } }), true],
    ['is not there unless it was made', aRequestOf(aWorkflow()), false],
    ['is not there on a child without annotations', aWorkflow(), false],
  ])('%s', (_sentence, resource, expected) => {
    expect(isCancelRequested(resource)).toBe(expected);
  });
});

describe('an object under a derived name', () => {
  it('is ours by the uid of its owner, never by its name', () => {
    expect(isOurs(aChild('ke-1', { ownerUid: 'rp1' }), 'rp1')).toBe(true);
    expect(isOurs(aChild('ke-1', { ownerUid: 'an earlier rp1' }), 'rp1')).toBe(false);
    expect(isOurs({ metadata: {} }, 'rp1')).toBe(false);
  });

  it('is void when it only holds its name', () => {
    expect(isVoid(aChild('ke-1', { annotations: { 'kubernaut.io/void': 'cancelled' } }))).toBe(true);
    expect(isVoid(aChild('ke-1'))).toBe(false);
  });
});
