import { upperCamel, type ConditionUpdate } from '../../../shared/api/condition.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { counted } from '../../../shared/api/text.ts';
import { isCancelRequested } from '../../../shared/reconciler/children.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { batchesOf, orderFault } from '../batches.ts';
import { cancelled, fail } from '../ending.ts';
import type { Ports } from '../executions.ts';
import { graphFault } from '../../../shared/planning/graph.ts';
import { planOf, validatingSeconds } from '../plan.ts';
import { safetyFault } from '../../../shared/planning/safety.ts';
import type { Settings } from '../settings.ts';
import type { Failure } from '../steps.ts';

/** From the definition alone: the analysis is believed in what to do, and the cluster is not asked before validating. */
export function planning(settings: Settings): Phase<WorkflowExecution, null, Ports> {
  return {
    observe: async () => null,

    decide(workflow, _observed, now) {
      if (isCancelRequested(workflow)) return fail(workflow, cancelled, {}, now);
      const { spec } = workflow;
      const { steps } = spec.workflowDefinition;
      const batches = batchesOf(steps, spec.executionStrategy.mode);
      const fault =
        failure('dependency_resolution_failed', graphFault(steps)) ??
        failure('execution_order_failed', orderFault(steps, batches)) ??
        failure('safety_validation_failed', safetyFault(spec, settings));
      if (fault !== null) return fail(workflow, fault, { conditions: [planned('False', upperCamel(fault.reason), fault.message)] }, now);

      const plan = planOf(spec, batches);
      const message = `${counted(steps.length, 'step')} planned in ${batches.length} ${batches.length === 1 ? 'batch' : 'batches'}`;
      const effects = transition(
        workflow,
        {
          to: 'validating',
          status: { totalSteps: steps.length, currentStep: 0, stepStatuses: [], executionPlan: plan },
          conditions: [planned('True', 'Completed', message), ...notRequired(workflow)],
          audit: { type: 'workflow.planned', message, payload: { plan } },
        },
        now,
      );
      return { effects, wakeAfterSeconds: [validatingSeconds] };
    },
  };
}

function failure(reason: Failure['reason'], message: string | null): Failure | null {
  return message === null ? null : { reason, message };
}

function planned(status: 'True' | 'False', reason: string, message: string): ConditionUpdate {
  return { type: 'Planned', status, reason, message };
}

function notRequired({ spec }: WorkflowExecution): readonly ConditionUpdate[] {
  return spec.executionStrategy.approvalRequired ? [] : [{ type: 'Approved', status: 'Unknown', reason: 'NotRequired' }];
}
