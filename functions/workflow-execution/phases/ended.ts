import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { askToCancel } from '../../../shared/reconciler/children.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { readExecutions, type Executions, type Ports } from '../executions.ts';
import { runningSteps, statusesOf } from '../steps.ts';
import { rollbackSteps } from '../undoing.ts';

export interface Observed {
  readonly children: readonly Executions[];
}

/** The pass after the end. A workflow that was ended from outside (a status that the API refused) may have left executions that still run. */
export const ended: Phase<WorkflowExecution, Observed, Ports> = {
  async observe(workflow, ports) {
    const undoing = rollbackSteps(workflow).filter(({ phase }) => phase === 'executing');
    return { children: [await readExecutions(ports, runningSteps(statusesOf(workflow))), await readExecutions(ports, undoing)] };
  },

  decide(_workflow, { children }) {
    const executions = children.flatMap((named) => [...named.values()]);
    return { effects: executions.flatMap((execution) => (execution === null ? [] : (askToCancel(execution) ?? []))) };
  },
};
