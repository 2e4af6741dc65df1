import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { isCancelRequested } from '../../../shared/reconciler/children.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { cancelled, fail } from '../ending.ts';
import type { Ports } from '../executions.ts';

/** The first pass only says that the workflow is being looked at. */
export const fresh: Phase<WorkflowExecution, null, Ports> = {
  observe: async () => null,

  decide(workflow, _observed, now) {
    if (isCancelRequested(workflow)) return fail(workflow, cancelled, {}, now);
    return { effects: transition(workflow, { to: 'planning' }, now) };
  },
};
