import { approveAnnotation, rejectAnnotation, requestedByAnnotation } from '../../../shared/api/labels.ts';
import { isAfter, type Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { firstOf } from '../../../shared/planning/graph.ts';
import { planDigest } from '../../../shared/planning/plan-digest.ts';
import type { Settings } from '../settings.ts';
import { forbidden, type ApprovalRefusal, type Denied } from './decision.ts';
import { isFunctions } from './identity.ts';
import { readWorkflow } from './read-workflow.ts';
import type { Review } from './review.ts';
import { annotationsOf, differingStamp, newStamps, stampsOf, type Annotations, type Stamps } from './stamps.ts';

const decisionKeys = [approveAnnotation, rejectAnnotation] as const;

/** `stamps`: those that belong to the decision that the update leaves. `isNew`: the update itself decides, or takes a decision back. */
export type JudgedApproval = Denied | { readonly kind: 'judged'; readonly isNew: boolean; readonly stamps: Stamps };

/** What the update does to the decision of a person. Everything is taken from the stored object but the decision itself: of the other the caller controls even the status. */
export function judgeApproval(review: Review, settings: Settings, now: Instant): JudgedApproval {
  const after = annotationsOf(review.object);
  const before = annotationsOf(review.oldObject);
  const isNew = decisionKeys.some((key) => after[key] !== before[key]);
  const isTouched = isNew || differingStamp(after, before) !== undefined;
  if (isTouched && isFunctions(review.user, settings)) return decisionByTheFunctions;
  if (!isNew) return { kind: 'judged', isNew, stamps: stampsOf(before) };
  const read = readWorkflow(review.oldObject);
  if (read.kind === 'unreadable') return refused('unreadable_workflow', 'metadata.annotations', read.message, 'cancel its request instead');
  const { workflow } = read;
  const digest = once(() => planDigest(workflow.spec, workflow.status?.executionPlan?.executionOrder ?? []));
  const fault = firstOf(checks, (check) => check({ review, settings, now, before, after, workflow, digest }));
  if (fault !== null) return fault;
  const isWithdrawn = decisionKeys.every((key) => after[key] === undefined);
  return { kind: 'judged', isNew, stamps: isWithdrawn ? {} : newStamps(review.user.name, now, digest()) };
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

/** A workflow is born undecided, whoever makes it. */
export function approvalOnCreation({ kind, object }: Review): Denied | null {
  if (kind !== 'WorkflowExecution') return null;
  const annotations = annotationsOf(object);
  const decision = decisionKeys.find((key) => annotations[key] !== undefined);
  if (decision !== undefined)
    return refused('not_validating', fieldOf(decision), 'decides a plan that nobody has seen yet', 'decide when the workflow asks for it');
  const stamp = differingStamp(annotations, {});
  return stamp === undefined ? null : stampIsNotOurs(stamp);
}

export function stampIsNotOurs(stamp: string): Denied {
  const remedy = `write ${approveAnnotation} or ${rejectAnnotation}, and nothing beside it`;
  return refused('stamp_not_ours', fieldOf(stamp), 'is stamped by admission only', remedy);
}

interface Question {
  readonly review: Review;
  readonly settings: Settings;
  readonly now: Instant;
  readonly before: Annotations;
  readonly after: Annotations;
  /** As it is stored. */
  readonly workflow: WorkflowExecution;
  /** Of the stored plan; only asked where nothing else speaks against the decision. */
  readonly digest: () => string;
}

type Check = (question: Question) => Denied | null;

/** The order is what the user should mend first. */
const checks: readonly Check[] = [bothDecisions, phaseIsAnother, nothingIsAsked, timeIsOver, digestIsAnother, isApprovedAlready, approvesTheirOwn];

function bothDecisions({ after }: Question): Denied | null {
  if (decisionKeys.some((key) => after[key] === undefined)) return null;
  return refused(
    'both_decisions',
    fieldOf(rejectAnnotation),
    'stands beside an approval',
    `remove ${approveAnnotation} with the same command, or do not reject`,
  );
}

function phaseIsAnother({ workflow: { status }, ...question }: Question): Denied | null {
  const phase = status?.phase ?? '';
  if (phase === 'validating') return null;
  const remedy = 'to stop it now, set spec.cancel of its request';
  return refused('not_validating', touched(question), `a plan is decided in phase validating, and this one is in phase "${phase}"`, remedy);
}

function nothingIsAsked({ workflow: { spec }, ...question }: Question): Denied | null {
  if (spec.executionStrategy.approvalRequired) return null;
  const message = 'this plan runs without anybody’s decision';
  return refused('approval_not_required', touched(question), message, 'to stop it, set spec.cancel of its request');
}

function timeIsOver({ workflow: { status }, now, ...question }: Question): Denied | null {
  const expiresAt = status?.approval?.expiresAt;
  if (expiresAt === undefined || !isAfter(now, expiresAt)) return null;
  return refused(
    'approval_expired',
    touched(question),
    `the time to decide ended at ${expiresAt}`,
    'let the alert fire again, or create a new RemediationRequest',
  );
}

function digestIsAnother({ after, digest }: Question): Denied | null {
  const value = after[approveAnnotation];
  if (value === undefined || value === 'true' || value === digest()) return null;
  const message = value.startsWith('sha256:') ? `the plan is another by now, its digest is ${digest()}` : 'must be true, or the digest of the plan';
  return refused('another_digest', fieldOf(approveAnnotation), message, `look at the plan again, then write ${digest()} or true`);
}

/** A second name under a decision would be another than the one that the status tells. A rejection still counts: somebody does not want it. */
function isApprovedAlready({ after, workflow: { status } }: Question): Denied | null {
  const approval = status?.approval;
  if (after[approveAnnotation] === undefined || approval?.decision !== 'approved') return null;
  return refused(
    'already_approved',
    fieldOf(approveAnnotation),
    `${approval.user ?? 'somebody'} has approved this plan already`,
    'there is nothing left to approve',
  );
}

function approvesTheirOwn({ review, settings, before, after }: Question): Denied | null {
  if (settings.selfApproval === 'allowed' || after[approveAnnotation] === undefined || before[requestedByAnnotation] !== review.user.name) return null;
  const message = `${review.user.name} made the request, and KUBERNAUT_SELF_APPROVAL is forbidden`;
  return refused('self_approval', fieldOf(approveAnnotation), message, 'ask somebody else to approve');
}

const decisionByTheFunctions = refused(
  'not_a_person',
  'metadata.annotations',
  'the functions of kubernaut decide no plan',
  'if nobody here tried this, the credentials of the functions are stolen: replace them',
);

/** The annotation that the update is about. */
function touched({ before, after }: Pick<Question, 'before' | 'after'>): string {
  return fieldOf(decisionKeys.find((key) => after[key] !== before[key]) ?? approveAnnotation);
}

function fieldOf(annotation: string): string {
  return `metadata.annotations[${annotation}]`;
}

function refused(approval: ApprovalRefusal, field: string, message: string, remedy: string): Denied {
  return { ...forbidden(field, message, remedy), approval };
}
