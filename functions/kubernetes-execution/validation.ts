import type { BoundAction } from '../../shared/actions/action.ts';
import {
  dryRunOutputBytesMax,
  rollbackInformationBytesMax,
  type ExecutionValidationResults,
  type KubernetesExecution,
  type ValidationFailure,
} from '../../shared/api/kubernetes-execution.ts';
import { jsonBytesOf } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { boundedText, cutText, maskSecrets } from '../../shared/api/text.ts';
import type { AccessReview, DryRun } from '../../shared/kubernetes/ports.ts';
import { calledTarget } from './called-target.ts';

/** What validating may look at. Null: no such object, or not asked because an earlier answer decides. */
export interface Seen {
  readonly access: AccessReview | null;
  readonly target: KubernetesObject | null;
  /** What the preconditions want beside the target. */
  readonly context: readonly (KubernetesObject | null)[];
  readonly dryRun: DryRun | null;
}

export interface Inspection extends Seen {
  readonly execution: KubernetesExecution;
  readonly action: BoundAction;
}

/** Why the Job is not made: something speaks against it, or there is nothing to do. */
export type Finding =
  | { readonly kind: 'violation'; readonly reason: ValidationFailure; readonly message: string }
  | { readonly kind: 'already done'; readonly message: string };

type Check = (inspection: Inspection) => Finding | null;

/** The order is the specification: the first finding is the one that an operator should mend first. What is already done needs no precondition. */
const checksOfTarget: readonly Check[] = [identityMayNotAct, targetIsMissing, targetWasReplaced, nothingIsLeftToDo];
const checks: readonly Check[] = [...checksOfTarget, preconditionFails, undoIsTooLarge];

/** What the target alone tells, before anything beside it is read. */
export function findingOfTarget(inspection: Inspection): Finding | null {
  return firstOf(checksOfTarget, inspection);
}

/** All but the dry run, which is made only when nothing else was found. */
export function findingBeforeDryRun(inspection: Inspection): Finding | null {
  return firstOf(checks, inspection);
}

export function firstFinding(inspection: Inspection): Finding | null {
  return findingBeforeDryRun(inspection) ?? dryRunDidNotPass(inspection);
}

function firstOf(asked: readonly Check[], inspection: Inspection): Finding | null {
  return asked.map((check) => check(inspection)).find((finding) => finding !== null) ?? null;
}

/** status.validationResults. A field is absent where its question was not asked. */
export function validationResults({ action, access, target, dryRun }: Inspection, finding: Finding | null): ExecutionValidationResults {
  const output = dryRun === null || target === null ? null : dryRun.kind === 'refused' ? dryRun.message : action.dryRunOutput(target);
  return {
    rbacValid: access?.allowed ?? false,
    ...(access?.allowed === true && { resourceExists: target !== null }),
    ...(dryRun !== null && { dryRunPassed: dryRun.kind === 'accepted' }),
    ...(output !== null && { dryRunOutput: cutText(maskSecrets(output), dryRunOutputBytesMax) }),
    ...(finding?.kind === 'violation' && { errorMessage: boundedText(finding.message) }),
  };
}

function violation(reason: ValidationFailure, message: string): Finding {
  return { kind: 'violation', reason, message };
}

/** Closed by default: a permission that nobody asked for is none. */
function identityMayNotAct({ action, access }: Inspection): Finding | null {
  if (access?.allowed === true) return null;
  return violation('rbac_validation_failed', `${action.name} is not permitted: ${access?.reason ?? 'nobody asked'}`);
}

function targetIsMissing({ action, target }: Inspection): Finding | null {
  return target === null ? violation('resource_not_found', `Target resource not found: ${calledTarget(action.target)} does not exist`) : null;
}

/** An object recreated under the same name is another object. An empty targetUid: an earlier step was to create it. */
function targetWasReplaced({ execution, action, target }: Inspection): Finding | null {
  const { targetUid } = execution.spec;
  const uid = target?.metadata.uid ?? '';
  if (targetUid === '' || uid === targetUid) return null;
  return violation('target_changed', `${calledTarget(action.target)} was replaced: its uid is ${uid}, planned for ${targetUid}`);
}

function nothingIsLeftToDo({ action, target }: Inspection): Finding | null {
  const message = target === null ? null : action.alreadyDone(target);
  return message === null ? null : { kind: 'already done', message };
}

function preconditionFails({ action, target, context }: Inspection): Finding | null {
  const violations = target === null ? [] : action.preconditions(target, context);
  if (violations.length === 0) return null;
  return violation('precondition_failed', violations.map(({ field, message }) => `spec.actionParams${field === '' ? ': ' : '.'}${message}`).join('; '));
}

/** An undo that does not fit into the status would be lost, and with it the way back. */
function undoIsTooLarge({ action, target }: Inspection): Finding | null {
  const bytes = target === null ? 0 : jsonBytesOf(action.undo(target));
  if (bytes + undoMarginBytes <= rollbackInformationBytesMax) return null;
  const message = `spec.actionParams: what ${action.name} would have to restore has ${bytes} bytes: change less at once, at most ${rollbackInformationBytesMax - undoMarginBytes}`;
  return violation('precondition_failed', message);
}

const undoMarginBytes = 256; // `available` and `capturedAt` beside the undo

/** Closed by default: a dry run that nobody made is no permission. */
function dryRunDidNotPass({ dryRun }: Inspection): Finding | null {
  if (dryRun?.kind === 'accepted') return null;
  return violation('dry_run_failed', `Dry-run failed: ${dryRun?.message ?? 'no dry run was made'}`);
}
