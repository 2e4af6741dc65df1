import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millisecondsOf } from '../../shared/api/time.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import { aStartedWorkflow, aStep, aStepStatus, aWorkflow, anExecutionOf } from '../../test/support/workflows.ts';
import { changesToUndo, inUndoOrder } from './rollback.ts';

const names = (statuses: readonly StepStatus[]) => statuses.map(({ stepName }) => stepName);

/** Steps in any order, each ended at some second, some of them failed. */
const endedSteps = fc
  .uniqueArray(
    fc.record({
      stepName: fc.stringMatching(/^[a-z]{1,4}$/),
      second: fc.nat(19),
      phase: fc.constantFrom('completed' as const, 'failed' as const, 'skipped' as const),
    }),
    {
      selector: ({ stepName }) => stepName,
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((steps) => ({
    order: steps.map(({ stepName }) => stepName),
    statuses: steps.map(({ stepName, phase, second }) => aStepStatus(stepName, phase, second)),
  }));

describe('inUndoOrder', () => {
  it('is the exact reverse of completion, failed steps first', () => {
    fc.assert(
      fc.property(endedSteps, ({ order, statuses }) => {
        const undone = inUndoOrder(aWorkflow({ steps: order.map((name) => aStep(name)) }), statuses);
        const acted = statuses.filter(({ phase }) => phase !== 'skipped');
        expect(names(undone).toSorted()).toEqual(names(acted).toSorted());
        // Failed before completed, then the later second, then the later place in the plan.
        const rank = ({ stepName, phase, completionTime = '' }: StepStatus) =>
          (phase === 'failed' ? 1e12 : 0) + (millisecondsOf(completionTime) - millisecondsOf('2026-01-15T10:35:00Z')) * 1e3 + order.indexOf(stepName);
        expect(undone.map(rank)).toEqual(undone.map(rank).toSorted((a, b) => b - a));
        expect(new Set(undone.map(rank)).size).toBe(undone.length);
      }),
    );
  });
});

describe('changesToUndo', () => {
  const workflow = aStartedWorkflow({ a: 'completed', b: 'completed' });
  const statuses = workflow.status?.stepStatuses ?? [];

  it('leaves out a step that found all as it was wanted, and ran no Job', () => {
    const executions = new Map([
      ['a', anExecutionOf(workflow, 'a', 'completed', { jobRef: undefined })],
      ['b', anExecutionOf(workflow, 'b', 'completed')],
    ]);
    expect(changesToUndo(workflow, statuses, executions)).toMatchObject([{ kind: 'reversible', undo: { stepName: 'b', parameters: { replicas: 2 } } }]);
  });

  it('leaves out a step whose execution the API refused', () => {
    const { executionRef: _none, ...refused } = aStepStatus('a', 'failed');
    expect(changesToUndo(workflow, [refused], new Map())).toEqual([]);
  });

  it('knows what cannot be undone', () => {
    const executions = new Map([
      ['a', null],
      ['b', anExecutionOf(workflow, 'b', 'completed', { rollbackInformation: { available: false } })],
    ]);
    expect(changesToUndo(workflow, statuses, executions)).toEqual([
      { kind: 'irreversible', stepName: 'b', reason: 'not_reversible' },
      { kind: 'irreversible', stepName: 'a', reason: 'execution_missing' },
    ]);
  });
});
