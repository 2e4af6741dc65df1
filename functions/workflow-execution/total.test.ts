import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../shared/api/labels.ts';
import { WorkflowFailure, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { RollbackStep, StepStatus, WorkflowStatus } from '../../shared/api/workflow-status.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { aScaledDeployment } from '../../test/support/actions.ts';
import { aRequestOf, aStep, aStepStatus, aStepWorld, aWorkflow, anExecutionOf, anExecutionRef, now, patchOf, settings } from '../../test/support/workflows.ts';
import type { Executions } from './executions.ts';
import { ended } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { monitoring } from './phases/monitoring.ts';
import { fresh } from './phases/new.ts';
import { planning } from './phases/planning.ts';
import { rollingBack } from './phases/rolling-back.ts';
import { validating } from './phases/validating.ts';

const names = ['a', 'b', 'c', 'd'];
const later = '2026-01-15T10:41:00Z';
const instants = fc.constantFrom(now, later, '2026-01-15T12:00:00Z');
const stepPhases = fc.constantFrom('executing', 'completed', 'failed', 'skipped', 'rolled_back') satisfies fc.Arbitrary<StepStatus['phase']>;

const stepStatuses = fc
  .tuple(fc.subarray(names), fc.array(stepPhases, { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([some, phases, isBare]) => some.map((name, index) => (isBare ? { stepName: name, phase: phases[index]! } : aStepStatus(name, phases[index]!, index))));

const rollbackSteps = fc
  .tuple(fc.subarray(names), fc.array(stepPhases, { minLength: 4, maxLength: 4 }))
  .map(([some, phases]) =>
    some.map((stepName, index): RollbackStep => ({ stepName, phase: phases[index]!, executionRef: anExecutionRef(stepName, '-rollback') })),
  );

/** Any status that the schema takes, sensible or not: a crash, a restore from a backup or a hand may have left it. */
const statuses: fc.Arbitrary<Partial<WorkflowStatus>> = fc.record(
  {
    phaseStartTime: instants,
    reason: fc.constantFrom(...WorkflowFailure, 'nonsense'),
    message: fc.constant('why'),
    stepStatuses,
    currentStep: fc.nat(4),
    validationResults: fc.constant({ rbacValid: true }),
    approval: fc.record({ expiresAt: instants, decision: fc.constantFrom('approved' as const, 'rejected' as const) }, { requiredKeys: ['expiresAt'] }),
    monitoring: fc.record({ startedAt: instants, until: instants }),
    rollback: fc.record({ state: fc.constant('running' as const), steps: rollbackSteps }),
    executionPlan: fc.constant(aWorkflow({ steps: names.map((name) => aStep(name)) }).status!.executionPlan!),
  },
  { requiredKeys: [] },
);

const workflows: fc.Arbitrary<WorkflowExecution> = fc
  .record({ status: statuses, approvalRequired: fc.boolean(), rollbackOnFailure: fc.boolean(), dryRun: fc.boolean(), isCancelled: fc.boolean() })
  .map(({ status, isCancelled, dryRun, ...strategy }) => {
    const workflow = aWorkflow({
      steps: names.map((name) => aStep(name)),
      strategy,
      dryRun,
      ...(isCancelled && { annotations: { [cancelRequestedAnnotation]: 'true' } }),
    });
    return { ...workflow, status: { phase: 'executing', ...status } };
  });

const executions: fc.Arbitrary<Executions> = fc
  .array(fc.option(fc.constantFrom('', 'executing', 'completed', 'failed', 'gone'), { nil: undefined }), { minLength: 4, maxLength: 4 })
  .map((phases) => new Map(phases.flatMap((phase, index) => (phase === undefined ? [] : [[names[index]!, executionIn(names[index]!, phase)] as const]))));

function executionIn(name: string, phase: string) {
  const known = (['', 'executing', 'completed', 'failed'] as const).find((each) => each === phase);
  return known === undefined ? null : anExecutionOf(aWorkflow({ steps: [aStep(name)] }), name, known);
}

/** What holds for every decision, whatever it was made on. */
function expectSound(decision: Decision): void {
  const patches = decision.effects.filter(({ kind }) => kind === 'PatchStatus');
  expect(patches.length).toBeLessThanOrEqual(1);
  const { phase, completionTime, reason } = patchOf(decision) ?? {};
  const hasEnded = phase === 'completed' || phase === 'failed';
  expect(hasEnded).toBe(completionTime !== undefined);
  expect(phase === 'failed').toBe(phase === 'failed' && typeof reason === 'string');
  // Children before status: an execution is made before the patch that names it.
  const kinds = decision.effects.map(({ kind }) => kind);
  expect(kinds.lastIndexOf('CreateResource')).toBeLessThan(Math.max(0, kinds.indexOf('PatchStatus')));
  expect(kinds.includes('EmitEvent') ? kinds.indexOf('EmitEvent') > kinds.indexOf('PatchStatus') : true).toBe(true);
  expect(kinds.lastIndexOf('RecordAudit')).toBeLessThan(Math.max(0, kinds.indexOf('PatchStatus')));
}

describe('every decision', () => {
  it('is made for any status and any world, twice the same', () => {
    fc.assert(
      fc.property(workflows, executions, executions, instants, (workflow, running, others, at) => {
        const completed = [...others].flatMap(([stepName, execution]) =>
          execution === null ? [] : [{ stepName, execution, objects: [aScaledDeployment(5, 5)] }],
        );
        const decisions = () => [
          fresh.decide(workflow, null, at),
          planning(settings).decide(workflow, null, at),
          validating(settings).decide(workflow, { steps: names.map((name) => aStepWorld(name)), gate: { owner: aRequestOf(workflow), pausedBy: null } }, at),
          validating(settings).decide(workflow, { steps: null, gate: { owner: null, pausedBy: null } }, at),
          validating(settings).decide(workflow, { steps: null, gate: null }, at),
          executing.decide(workflow, { running, ended: others }, at),
          monitoring.decide(workflow, { executions: others, outcomes: completed }, at),
          monitoring.decide(workflow, { executions: others, outcomes: null }, at),
          rollingBack.decide(workflow, { undoing: running, originals: others }, at),
          ended.decide(workflow, { children: [running, others] }, at),
        ];
        const made = decisions();
        for (const decision of made.slice(0, -1)) expectSound(decision);
        expect(decisions()).toEqual(made);
      }),
    );
  });
});
