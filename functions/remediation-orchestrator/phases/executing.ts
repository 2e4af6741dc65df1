import { kinds } from '../../../shared/api/kinds.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { Effect } from '../../../shared/reconciler/effect.ts';
import { permittedCondition } from '../../../shared/reconciler/permission.ts';
import type { Decision, Phase } from '../../../shared/reconciler/phase.ts';
import { update } from '../../../shared/reconciler/transition.ts';
import { readWorkflow, type Family, type Ports } from '../children.ts';
import { completeWithWorkflow } from '../completion.ts';
import { deadlineTimer, deadlineWithPlan, overallDeadline } from '../deadlines.ts';
import { failWithChild, failWithoutChild } from '../ending.ts';
import type { Settings } from '../settings.ts';

export interface Observed extends Family {
  /** Null: gone, or another object under its name. */
  readonly workflow: WorkflowExecution | null;
}

/** The workflow acts, and its verdict is believed. It may still act when nobody can read it, so nothing ends this phase from outside. */
export function executing(settings: Settings): Phase<RemediationRequest, Observed, Ports> {
  return {
    async observe(request, ports) {
      const workflow = await readWorkflow(request, ports);
      return { workflow, children: workflow === null ? [] : [workflow] };
    },

    decide(request, { workflow }, now) {
      if (workflow === null) return failWithoutChild(request, 'WorkflowExecution', settings, now);
      switch (workflow.status?.phase) {
        case 'completed':
          return completeWithWorkflow(request, workflow, settings, now);
        case 'failed':
          return failWithChild(request, workflow, settings, now);
        default:
          return waitFor(request, workflow, settings, now);
      }
    },
  };
}

function waitFor(request: RemediationRequest, workflow: WorkflowExecution, settings: Settings, now: Instant): Decision {
  const deadline = deadlineWithPlan(request, workflow, settings);
  const isMoved = deadline !== null && deadline !== overallDeadline(request);
  return {
    effects: [...wakeAfterPause(request, workflow, settings), ...(isMoved ? [update(request, { overallDeadline: deadline }, [], now)] : [])],
    ...deadlineTimer(deadline, now),
  };
}

/** The end of a pause changes the request, and wakes it alone: it sends the workflow's key. Where a namespace is what pauses, that is a spare wake-up. */
function wakeAfterPause({ spec }: RemediationRequest, { kind, metadata, status }: WorkflowExecution, { cluster }: Settings): readonly Effect[] {
  const isHeld = status?.conditions?.some(({ type, status: state, reason }) => type === permittedCondition && state === 'False' && reason === 'OwnerPaused');
  if (spec.pause || isHeld !== true) return [];
  const { namespace, name } = metadata;
  return [{ kind: 'Enqueue', queue: kinds[kind].queue, message: { cluster, kind, namespace, name, cause: 'watch' } }];
}
