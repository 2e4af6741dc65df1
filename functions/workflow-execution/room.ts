import { parseWorkflowExecution, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { sealed, type SealedPhase } from '../../shared/reconciler/phase.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Room } from '../../shared/reconciler/room.ts';
import type { Ports } from './executions.ts';
import { ended } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { monitoring } from './phases/monitoring.ts';
import { fresh } from './phases/new.ts';
import { planning } from './phases/planning.ts';
import { rollingBack } from './phases/rolling-back.ts';
import { validating } from './phases/validating.ts';
import type { Settings } from './settings.ts';
import { rollbackState, rollbackSteps } from './undoing.ts';

/** Every phase of a workflow. */
export function phases(settings: Settings): Readonly<Record<string, SealedPhase<WorkflowExecution, Ports>>> {
  return {
    '': sealed(fresh),
    planning: sealed(planning(settings)),
    validating: sealed(validating(settings)),
    executing: sealed(executing),
    monitoring: sealed(monitoring),
    rolling_back: sealed(rollingBack),
    completed: sealed(ended),
    failed: sealed(ended),
  };
}

export function workflowRoom(settings: Settings): Room<WorkflowExecution, Ports> {
  return {
    kind: 'WorkflowExecution',
    parse: parseWorkflowExecution,
    phases: phases(settings),
    whenFailed: (workflow, now) => ({ overallSuccess: false, ...leftOpen(workflow, now) }),
  };
}

/** What the phase that is cut off had begun is said to be over, too. */
function leftOpen(workflow: WorkflowExecution, now: Instant): StatusPatch {
  switch (workflow.status?.phase) {
    case 'monitoring':
      return { monitoring: { endedAt: now } };
    case 'rolling_back':
      return { rollback: { state: rollbackState(rollbackSteps(workflow)) } };
    default:
      return {};
  }
}
