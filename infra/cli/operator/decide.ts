import { approveAnnotation, rejectAnnotation } from '../../../shared/api/labels.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { Approval, ApprovalDecision } from '../../../shared/api/workflow-status.ts';
import { createRealClock } from '../../local/real-clock.ts';
import { TookTooLong, waitUntil } from '../../local/story/wait-until.ts';
import { approvalsInFull } from './approvals-text.ts';
import { readPending } from './approvals.ts';
import { Interrupted } from '../interruption.ts';
import type { Connection } from './connection.ts';
import { findByName, readWorkflow, workflowKind } from './find-resource.ts';
import { OperatorFailure } from './operator-failure.ts';
import { printJson, printLines, type OutputFormat } from './output.ts';
import type { PendingApproval } from './pending-approval.ts';
import { patchObject } from './write-object.ts';

export interface DecideOptions {
  readonly output: OutputFormat;
  /** How long to wait for the workflow to take the decision. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Approves the plan that it shows. `digest`: the plan that was looked at before; another one is refused. */
export async function approve(name: string, options: DecideOptions & { readonly digest?: string }, connection: Connection): Promise<number> {
  const { digest, output } = options;
  const pending = await pendingOf(name, connection);
  if (digest !== undefined && digest !== pending.digest) {
    throw new OperatorFailure(`the plan of ${pending.workflow} is ${pending.digest} and not ${digest}: look at it again with npx kubernaut approvals`);
  }
  if (output === 'text') printLines([...approvalsInFull([pending]), '']);
  return decide(pending, { decision: 'approved', annotations: { [approveAnnotation]: pending.digest } }, options, connection);
}

/** An approval is taken back by it, as long as the plan has not begun: somebody does not want it. */
export async function reject(name: string, options: DecideOptions & { readonly reason: string }, connection: Connection): Promise<number> {
  const { request, workflow } = await findByName(name, connection);
  const isHeld = workflow?.status?.phase === 'validating' && workflow.status.approval?.decision === 'approved';
  const decided = isHeld ? { workflow: workflow.metadata.name, request: request?.metadata.name ?? null } : await pendingOf(name, connection);
  const annotations = { [approveAnnotation]: null, [rejectAnnotation]: options.reason };
  return decide(decided, { decision: 'rejected', annotations }, options, connection);
}

interface Decided {
  readonly decision: ApprovalDecision;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Writes the annotation, and waits until the status says that it was taken. */
async function decide(
  { workflow: name, request }: Pick<PendingApproval, 'workflow' | 'request'>,
  wanted: Decided,
  options: DecideOptions,
  connection: Connection,
): Promise<number> {
  await patchObject({ ...workflowKind, name, namespace: connection.systemNamespace }, { metadata: { annotations: wanted.annotations } }, connection);
  const workflow = await awaitDecision(name, { ...options, decision: wanted.decision }, connection);
  const approval = workflow.status?.approval;
  if (options.output === 'json') printJson({ request, workflow: name, phase: workflow.status?.phase ?? '', approval: approval ?? null });
  if (approval?.decision !== wanted.decision) throw new OperatorFailure(`${name} was not ${wanted.decision}: ${endOf(workflow)}`);
  if (options.output === 'text') printLines([decisionLine(name, approval)]);
  return 0;
}

interface Awaited extends DecideOptions {
  readonly decision: ApprovalDecision;
}

async function awaitDecision(name: string, { timeout, signal, decision }: Awaited, connection: Connection): Promise<WorkflowExecution> {
  let latest: WorkflowExecution | null = null;
  const isDecided = async () => {
    latest = await readWorkflow(name, connection);
    if (latest === null) throw new OperatorFailure(`WorkflowExecution ${name} was deleted meanwhile: its request was deleted or cleaned up`);
    return latest.status?.approval?.decision === decision || latest.status?.phase !== 'validating';
  };
  try {
    await waitUntil(isDecided, { clock: createRealClock(), what: `${name} took the decision`, secondsMax: timeout, signal });
  } catch (error) {
    if (error instanceof Interrupted) throw new Interrupted(`${error.message}; the decision is written on ${name}, and counts all the same`, { cause: error });
    if (!(error instanceof TookTooLong)) throw error;
    throw new OperatorFailure(
      `the decision is written on ${name}, and nothing took it within ${timeout} s: it counts only with the stamp of the admission webhook, so look whether that and the functions run; kubectl describe wf ${name} -n ${connection.systemNamespace} shows where it stands`,
    );
  }
  if (latest === null) throw new OperatorFailure(`WorkflowExecution ${name} cannot be read`);
  return latest;
}

function decisionLine(name: string, approval: Approval): string {
  const { decision, planDigest = '', reason = 'no reason given' } = approval;
  const by = `${name} was ${decidedBy(approval)}`;
  return decision === 'approved' ? `${by}; it goes on with plan ${planDigest}` : `${by}: ${reason}; nothing was changed`;
}

/** `approved by ada at 2026-01-15T10:36:00Z`. */
function decidedBy({ decision, user, at }: Approval): string {
  return `${decision ?? 'decided'} by ${user ?? 'somebody'} at ${at ?? 'an unknown time'}`;
}

async function pendingOf(name: string, connection: Connection): Promise<PendingApproval> {
  const { request, workflow } = await findByName(name, connection);
  if (workflow === null) {
    const phase = request?.status?.phase ?? '';
    throw new OperatorFailure(
      `${name} has no plan to decide on: it is ${phase === '' ? 'not begun yet' : phase}${isTerminal(phase) ? '' : '; npx kubernaut approvals shows when it has'}`,
    );
  }
  const pending = await readPending(workflow, connection);
  if (pending === null) throw new OperatorFailure(whyNothingWaits(workflow));
  if (pending.secondsLeft <= 0)
    throw new OperatorFailure(
      `${pending.workflow} could be decided until ${pending.expiresAt}: it fails with approval_expired, and the alert makes a new request when it fires again`,
    );
  return pending;
}

function whyNothingWaits(workflow: WorkflowExecution): string {
  const { metadata, spec, status } = workflow;
  const approval = status?.approval;
  if (approval?.decision !== undefined) return `${metadata.name} was ${decidedBy(approval)}: there is nothing left to decide`;
  if (isTerminal(status?.phase)) return `${metadata.name} is over: ${endOf(workflow)}`;
  if (!spec.executionStrategy.approvalRequired)
    return `${metadata.name} asks for no approval: it is ${status?.phase ?? 'new'}; to hold or end it, use npx kubernaut pause or cancel`;
  return `${metadata.name} does not ask yet: it is ${status?.phase ?? 'new'}; npx kubernaut approvals shows when it does`;
}

function endOf({ status }: WorkflowExecution): string {
  const said = [status?.reason ?? '', status?.message ?? ''].filter((text) => text !== '');
  return [status?.phase ?? 'new', ...said].join(': ');
}
