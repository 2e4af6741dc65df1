import { describe, expect, it } from 'vitest';
import { aRequestIn, type RequestOverrides } from '../../../test/support/requests.ts';
import { aStartedWorkflow, aStep, aWorkflow } from '../../../test/support/workflows.ts';
import type { RequestPhase } from '../../../shared/api/remediation-request.ts';
import type { WorkflowPhase } from '../../../shared/api/workflow-status.ts';
import { endingSentence } from './cancel.ts';
import { concerns, holdOf, pausesOf } from './hold.ts';

const workflowIn = (phase: WorkflowPhase) => aStartedWorkflow({ first: 'executing' }, { steps: [aStep('first'), aStep('second')], status: { phase } });

describe('a pause', () => {
  it.each<[RequestPhase, WorkflowPhase | null, boolean, string]>([
    ['', null, true, 'held before it begins'],
    ['processing', null, true, 'held before it acts'],
    ['analyzing', null, true, 'held before it acts'],
    ['blocked', null, true, 'held: cooldown by rr-0'],
    ['executing', 'planning', true, 'held before its first step'],
    ['executing', 'validating', true, 'held before its first step'],
    ['executing', 'executing', false, 'not paused: it already executes, 1 of 2 steps started; npx kubernaut cancel rr-1 ends it'],
    ['executing', 'monitoring', false, 'not paused: it has acted, and is watched'],
    ['executing', 'rolling_back', false, 'not paused: it is being undone'],
  ])('of a request in %j with a workflow in %j holds it: %j', (phase, workflowPhase, held, words) => {
    const workflow = workflowPhase === null ? null : workflowIn(workflowPhase);
    expect(holdOf(aRequestIn(phase), workflow)).toMatchObject({ request: 'rr-1', phase, held, message: expect.stringContaining(words) });
  });

  it('is nothing to what is over', () => {
    expect(holdOf(aRequestIn('completed'), null)).toBeNull();
  });

  it.each<[string, RequestOverrides, string, boolean]>([
    ['of the target', {}, 'production', true],
    ['of another target', {}, 'staging', false],
    ['of the product itself', {}, 'kubernaut-system', true],
    ['that a step names', { target: { kind: 'Deployment', name: 'web', namespace: 'staging' } }, 'production', true],
  ])('of the namespace %s', (_sentence, overrides, namespace, isConcerned) => {
    expect(concerns(aRequestIn('executing', overrides), aWorkflow(), namespace)).toBe(isConcerned);
  });

  it('may be one of several', () => {
    expect(pausesOf(aRequestIn('blocked', { pause: true }), null, ['staging', 'production'])).toEqual(['spec.pause of rr-1', 'namespace production']);
  });
});

describe('a cancelled remediation', () => {
  it.each<[WorkflowPhase, boolean, string]>([
    ['validating', true, 'it ends without having acted'],
    ['executing', true, 'a Job that runs is not cut off, its verdict is awaited, then what was done is undone'],
    ['executing', false, 'and nothing is undone'],
    ['monitoring', true, 'what was done is undone'],
    ['monitoring', false, 'what was done stays'],
    ['rolling_back', true, 'the undoing goes on to its end'],
    ['completed', true, 'its verdict counts'],
  ])('in %s, undone on failure: %j', (phase, rollbackOnFailure, words) => {
    const workflow = aWorkflow({ strategy: { rollbackOnFailure }, status: { phase } });
    expect(endingSentence(aRequestIn('executing'), workflow)).toContain(words);
  });

  it('ends at once before its workflow is made', () => {
    expect(endingSentence(aRequestIn('analyzing'), null)).toBe('it ends without having acted');
  });
});
