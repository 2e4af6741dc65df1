import type { ConditionUpdate } from '../../shared/api/condition.ts';
import { approveAnnotation, decidedAtAnnotation, decidedByAnnotation, planDigestAnnotation, rejectAnnotation } from '../../shared/api/labels.ts';
import { boundedText } from '../../shared/api/text.ts';
import { addSeconds, instantSchema, isAfter, type Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { Approval, WorkflowValidationResults } from '../../shared/api/workflow-status.ts';
import type { EmitEvent, RecordAudit } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { audit, update } from '../../shared/reconciler/transition.ts';
import { planDigest } from '../../shared/planning/plan-digest.ts';
import { untilSeconds } from '../../shared/reconciler/wait.ts';
import type { Telling } from './ending.ts';
import type { Settings } from './settings.ts';
import type { Failure } from './steps.ts';

/** Where the question to a person stands. */
export type ApprovalAnswer =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'awaited'; readonly wakeAfterSeconds: number }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly telling: Telling }
  /** `isByPerson` false: nobody had to be asked. */
  | { readonly kind: 'given'; readonly isByPerson: boolean; readonly telling: Telling };

export function approvalOf(workflow: WorkflowExecution, now: Instant): ApprovalAnswer {
  const { spec, status } = workflow;
  if (!spec.executionStrategy.approvalRequired) return { kind: 'given', isByPerson: false, telling: {} };
  const approval = status?.approval;
  if (approval === undefined) return { kind: 'unasked' };
  const digest = currentDigest(workflow);
  const stamped = stampedDecision(workflow, digest);
  if (stamped !== null && !isAfter(stamped.at, approval.expiresAt)) return answerOf(workflow, stamped, digest);
  if (approval.decision === 'approved') return { kind: 'given', isByPerson: true, telling: {} };
  return isAfter(approval.expiresAt, now) ? { kind: 'awaited', wakeAfterSeconds: untilSeconds(approval.expiresAt, now) } : expired(approval);
}

/** The approval was given for another plan than the one that runs: what was copied at the decision, or what the stamp says now. */
export function approvedAnotherPlan(workflow: WorkflowExecution): boolean {
  const { spec, status, metadata } = workflow;
  if (!spec.executionStrategy.approvalRequired) return false;
  const digest = currentDigest(workflow);
  return status?.approval?.planDigest !== digest || (metadata.annotations?.[planDigestAnnotation] ?? digest) !== digest;
}

/** Of what would run now, computed anew: a stored digest could not tell that the order beside it was changed. */
function currentDigest({ spec, status }: WorkflowExecution): string {
  return planDigest(spec, status?.executionPlan?.executionOrder ?? []);
}

interface StampedDecision {
  readonly decision: 'approved' | 'rejected';
  readonly user: string;
  readonly at: Instant;
  readonly reason: string;
}

/**
 * Only admission can stamp who decided, when and on which plan. Without all three, or with another plan's digest, an annotation is text
 * that anybody may have written, and no decision. The stamp's time counts, not that of this pass: a decision in time is not lost to a slow queue.
 */
function stampedDecision({ metadata: { annotations = {} } }: WorkflowExecution, digest: string): StampedDecision | null {
  const user = annotations[decidedByAnnotation] ?? '';
  const at = annotations[decidedAtAnnotation] ?? '';
  const isStamped = user !== '' && instantSchema.safeParse(at).success && annotations[planDigestAnnotation] === digest;
  if (!isStamped) return null;
  // Where both stand, somebody does not want it.
  const rejection = annotations[rejectAnnotation];
  if (rejection !== undefined) return { decision: 'rejected', user, at, reason: rejection };
  const approval = annotations[approveAnnotation];
  return approval === 'true' || approval === digest ? { decision: 'approved', user, at, reason: '' } : null;
}

function answerOf(workflow: WorkflowExecution, stamped: StampedDecision, digest: string): ApprovalAnswer {
  const { decision, user, at, reason } = stamped;
  const isKnown = workflow.status?.approval?.decision === decision;
  const message = decision === 'approved' ? `${user} approved plan ${digest}` : `rejected by ${user}: ${reason === '' ? 'no reason given' : reason}`;
  const told: Telling = {
    status: { approval: { decision, user: user.slice(0, 253), at, planDigest: digest, ...(reason !== '' && { reason: boundedText(reason) }) } },
    audits: [row(workflow, `workflow.${decision}`, message, { kind: 'user', name: user })],
  };
  if (decision === 'rejected') {
    return {
      kind: 'refused',
      failure: { reason: 'approval_rejected', message },
      telling: { ...told, conditions: [approved('False', 'ApprovalRejected', message)], events: [event('Warning', 'ApprovalRejected', message)] },
    };
  }
  const granted = { ...told, conditions: [approved('True', 'Approved', message)], events: [event('Normal', 'ApprovalGranted', message)] };
  return { kind: 'given', isByPerson: true, telling: isKnown ? {} : granted };
}

function expired({ expiresAt }: Approval): ApprovalAnswer {
  const message = `nobody decided before ${expiresAt}`;
  return {
    kind: 'refused',
    failure: { reason: 'approval_expired', message },
    telling: {
      conditions: [approved('False', 'ApprovalExpired', message)],
      audits: [audit({ type: 'workflow.approval_expired', reason: 'approval_expired', message }, 'validating', 'failed')],
      events: [event('Warning', 'ApprovalExpired', message)],
    },
  };
}

/** Asks once: the time to answer starts here, and the question names what would be done. */
export function askForApproval(workflow: WorkflowExecution, results: WorkflowValidationResults, settings: Settings, now: Instant): Decision {
  const expiresAt = addSeconds(now, settings.approvalTimeoutSeconds);
  const actions = workflow.spec.workflowDefinition.steps.map(({ name, action }) => `${name} (${action})`).join(', ');
  const message = `Approve or reject until ${expiresAt} by annotation ${approveAnnotation} or ${rejectAnnotation}: ${actions}; plan ${currentDigest(workflow)}`;
  return {
    effects: [
      row(workflow, 'workflow.approval_requested', message),
      update(workflow, { validationResults: results, approval: { expiresAt } }, [approved('Unknown', 'AwaitingDecision', message)], now),
      event('Normal', 'ApprovalRequired', message),
    ],
    wakeAfterSeconds: [untilSeconds(expiresAt, now)],
  };
}

function row({ status }: WorkflowExecution, type: string, message: string, actor?: RecordAudit['actor']): RecordAudit {
  const phase = status?.phase ?? '';
  const digest = status?.executionPlan?.digest ?? null;
  return audit({ type, reason: '', message, payload: { digest }, ...(actor !== undefined && { actor }) }, phase, phase);
}

function approved(status: ConditionUpdate['status'], reason: string, message: string): ConditionUpdate {
  return { type: 'Approved', status, reason, message };
}

function event(type: EmitEvent['type'], reason: string, message: string): EmitEvent {
  return { kind: 'EmitEvent', type, reason, message };
}
