import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { isAlive } from '../../shared/reconciler/children.ts';
import { created, type DeleteResource, type Effect } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import { deadlineTimer, executingDeadline } from './deadlines.ts';
import { released } from './ending.ts';
import { takeLeases, type TargetLease } from './leases.ts';
import type { Chosen } from './recommendation.ts';
import type { Settings } from './settings.ts';
import { targetHashes } from './targets.ts';
import { buildWorkflow } from './workflow.ts';

/** Every fence is open. */
export interface Start {
  readonly analysis: AIAnalysis;
  readonly chosen: Chosen;
  readonly steps: readonly WorkflowStep[];
  readonly leases: readonly TargetLease[];
  /** Made by a pass that lost, and never named; it may have ended as an orphan while this request was blocked. */
  readonly leftover: WorkflowExecution | null;
}

/** The locks first, then what acts under them, then the status that names it: before that it is inert. */
export function startWorkflow(request: RemediationRequest, { analysis, chosen, steps, leases, leftover }: Start, settings: Settings, now: Instant): Decision {
  const taking = takeLeases(request, targetHashes(request, analysis.spec.target, steps), leases, now);
  const plan = buildWorkflow(request, analysis, { chosen, steps }, settings);
  const making: readonly Effect[] = [
    ...taking.effects,
    ...(leftover === null || isAlive(leftover) ? [] : [clearAway(leftover)]),
    { kind: 'CreateResource', object: plan.object, whenTaken: 'refused' },
  ];
  const deadline = executingDeadline(request, plan.approvalReasons.length > 0 && !request.spec.dryRun, settings, now);
  const { status, conditions } = released(request);
  const { action, confidence, id } = chosen.top;
  const effects = transition(
    request,
    {
      to: 'executing',
      status: { ...status, leaseRefs: taking.refs, workflowRef: created(making.length - 1), topAction: action, overallDeadline: deadline },
      conditions,
      audit: {
        type: 'request.phase',
        message: `${action} in ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`,
        payload: {
          recommendationID: id,
          action,
          confidence,
          steps: steps.map(({ name, action: stepAction, parameters }) => ({ name, action: stepAction, parameters })),
          approvalReasons: plan.approvalReasons,
        },
      },
    },
    now,
  );
  return { effects: [...making, ...effects], ...deadlineTimer(deadline, now) };
}

function clearAway({ apiVersion, kind, metadata: { name, namespace, uid } }: WorkflowExecution): DeleteResource {
  return { kind: 'DeleteResource', ref: { apiVersion, kind, name, namespace, uid }, propagationPolicy: 'Background' };
}
