import type { ConditionUpdate } from '../../shared/api/condition.ts';
import { cancelledByAnnotation } from '../../shared/api/labels.ts';
import { analysisName, processingName, workflowName } from '../../shared/api/names.ts';
import type { Outcome, RemediationRequest, RequestCompletion, RequestFailure } from '../../shared/api/remediation-request.ts';
import { phaseOf, type TerminalPhase } from '../../shared/api/status.ts';
import { boundedText } from '../../shared/api/text.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';
import type { StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { audit, transition, type Transition } from '../../shared/reconciler/transition.ts';
import { isAlive } from '../../shared/reconciler/children.ts';
import type { Child } from './children.ts';
import { insertBefore } from './insert-before.ts';
import type { Settings } from './settings.ts';

/** A good end. `outcome` absent: known only when the alert resolves, or still fires at the end of its window. */
export interface Completion {
  readonly reason?: RequestCompletion;
  readonly succeededReason?: 'NoActionNeeded' | 'DryRunOnly';
  readonly message: string;
  readonly outcome?: Outcome;
  readonly status?: StatusPatch;
  /** The workflow's own, where it brought the end. */
  readonly completionTime?: Instant;
}

/** `reason`: one of the request's own, or that of the child that failed. */
export interface Failure {
  readonly reason: RequestFailure | (string & {});
  readonly message: string;
  readonly failure?: { readonly kind: string; readonly name: string; readonly message: string };
}

export function complete(request: RemediationRequest, completion: Completion, settings: Settings, now: Instant): Decision {
  const { message, completionTime: at = now, outcome, status, ...reasons } = completion;
  const step: EndStep = {
    ...reasons,
    to: 'completed',
    message,
    status: { ...status, completionTime: at },
    audit: { type: 'request.completed', payload: { outcome: outcome ?? null, action: actionOf(request) } },
    event: { type: 'Normal', reason: 'RemediationCompleted', message },
  };
  return end(request, { step, outcome, at }, settings, now);
}

/** Nothing has to be changed: the alert is over, or the analysis knows no remedy. */
export function completeWithoutAction(request: RemediationRequest, reason: 'alert_resolved' | 'no_action_needed', settings: Settings, now: Instant): Decision {
  const message = `No action needed: ${nothingToDo[reason]}`;
  return complete(request, { reason, succeededReason: 'NoActionNeeded', message, outcome: 'noActionNeeded' }, settings, now);
}

const nothingToDo = { alert_resolved: 'the alert resolved before anything was changed', no_action_needed: 'the analysis recommends nothing' } as const;

export function fail(request: RemediationRequest, { reason, message, failure: child }: Failure, settings: Settings, now: Instant): Decision {
  const action = actionOf(request);
  const failure = child && { phase: phaseOf(request), kind: child.kind, name: child.name, reason, message: boundedText(child.message) };
  const step: EndStep = {
    to: 'failed',
    reason,
    message,
    status: { failure },
    audit: { type: 'request.failed', payload: { outcome: 'failed', action, failure } },
    event: {
      type: 'Warning',
      reason: 'RemediationFailed',
      message: `${action === null ? 'Remediation' : `Remediation by ${action}`} failed: ${reason}: ${message}`,
    },
  };
  return end(request, { step, outcome: 'failed', at: now }, settings, now);
}

/** A child ended badly: its reason becomes the request's, which tells an operator more than that a child failed. */
export function failWithChild(request: RemediationRequest, { kind, metadata, status }: Child, settings: Settings, now: Instant): Decision {
  const { reason = '', message = '' } = status ?? {};
  const words = message === '' ? `${kind} ${metadata.name} failed without a message` : message;
  const failure = { kind, name: metadata.name, message: words };
  return fail(request, { reason: reason === '' ? 'child_missing' : reason, message: words, failure }, settings, now);
}

/** Deleted by somebody, or remade under its name: what it did or would have done is not known. */
export function failWithoutChild(request: RemediationRequest, kind: Child['kind'], settings: Settings, now: Instant): Decision {
  const name = childName[kind](request.metadata.name);
  const message = `${kind} ${name} is gone`;
  return fail(request, { reason: 'child_missing', message, failure: { kind, name, message } }, settings, now);
}

const childName: Readonly<Record<Child['kind'], (request: string) => string>> = {
  RemediationProcessing: processingName,
  AIAnalysis: analysisName,
  WorkflowExecution: workflowName,
};

export function cancel(request: RemediationRequest, message: string, settings: Settings, now: Instant): Decision {
  const step: EndStep = {
    to: 'cancelled',
    reason: 'cancelled',
    message,
    audit: { type: 'request.cancelled', payload: { outcome: 'cancelled' }, actor: { kind: 'user', name: cancellerOf(request) } },
    event: { type: 'Normal', reason: 'RemediationCancelled', message: `Remediation cancelled: ${message}` },
  };
  return end(request, { step, outcome: 'cancelled', at: now }, settings, now);
}

/** Only people may set spec.cancel. While nobody admits, nobody stamps either: which one, the API server's own audit knows. */
function cancellerOf({ metadata: { annotations = {} } }: RemediationRequest): string {
  return (annotations[cancelledByAnnotation] ?? 'unknown').slice(0, 253);
}

/** What leaving blocked, for whichever phase, has to say. */
export function released(request: RemediationRequest): { readonly status: StatusPatch; readonly conditions: readonly ConditionUpdate[] } {
  const isBlocked = phaseOf(request) === 'blocked';
  return isBlocked ? { status: { blockedBy: null }, conditions: [{ type: 'Blocked', status: 'False', reason: 'Released' }] } : { status: {}, conditions: [] };
}

/** What a request that the kernel itself fails has to say besides. */
export function statusWhenFailed({ retentionSeconds }: Settings, now: Instant): StatusPatch {
  return { outcome: 'failed', cleanupScheduledAt: addSeconds(now, retentionSeconds), blockedBy: null };
}

/** How a child stands, at the end of a sentence about its request. */
export function saidOf(child: Child): string {
  const { kind, metadata, status } = child;
  if (isAlive(child)) return `${kind} ${metadata.name} still runs`;
  return `${kind} ${metadata.name} ended ${[status?.phase, status?.reason, status?.message].filter((part) => part !== undefined && part !== '').join(': ')}`;
}

type EndStep = Transition & { readonly to: TerminalPhase };

interface End {
  readonly step: EndStep;
  readonly outcome: Outcome | undefined;
  /** completionTime. */
  readonly at: Instant;
}

function end(request: RemediationRequest, { step, outcome, at }: End, settings: Settings, now: Instant): Decision {
  const { status, conditions } = released(request);
  const cleanupScheduledAt = addSeconds(at, settings.retentionSeconds);
  const effects = transition(request, { ...step, status: { ...status, ...step.status, outcome, cleanupScheduledAt }, conditions }, now);
  if (outcome === undefined) return { effects };
  const row = audit({ type: 'request.outcome', reason: step.reason ?? '', message: outcome, payload: { outcome } }, phaseOf(request), step.to);
  return { effects: insertBefore(effects, 'PatchStatus', [row]) };
}

function actionOf({ status }: RemediationRequest): string | null {
  return status?.topAction ?? null;
}
