import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { formatDuration } from '../../../shared/api/time.ts';
import type { PendingApproval, PendingStep } from './pending-approval.ts';
import { labelled, textTable } from './text-table.ts';

/** A row for each. */
export function approvalsTable(approvals: readonly PendingApproval[]): readonly string[] {
  const head = ['REQUEST', 'WORKFLOW', 'TARGET', 'ACTIONS', 'EXPIRES IN', 'DIGEST'];
  return textTable(
    head,
    approvals.map(({ request, workflow, target, steps, secondsLeft, digest }) => [
      request ?? '<none>',
      workflow,
      target ?? '<none>',
      steps.map(({ action }) => action).join(','),
      timeLeft(secondsLeft),
      digest,
    ]),
  );
}

/** Everything that a decision needs, a block for each. */
export function approvalsInFull(approvals: readonly PendingApproval[]): readonly string[] {
  return approvals.flatMap((approval, index) => [...(index === 0 ? [] : ['']), ...approvalBlock(approval)]);
}

function approvalBlock(approval: PendingApproval): readonly string[] {
  const { request, workflow, alert, target, environment, mode, steps, why, digest, expiresAt, secondsLeft } = approval;
  const name = request ?? workflow;
  const about = [target, alert === null ? null : `${alert.name} (${alert.severity})`, environment].filter((part) => part !== null);
  return [
    `${name}: ${about.join(', ')}`,
    ...labelled('workflow', [`${workflow}: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, ${mode}`]),
    ...steps.flatMap((step, index) => labelled(`step ${index + 1}`, stepLines(step))),
    ...labelled('why', why),
    ...labelled('digest', [digest]),
    ...labelled('expires', [secondsLeft > 0 ? `${expiresAt}, in ${timeLeft(secondsLeft)}` : `${expiresAt}: too late to decide`]),
    ...labelled('decide', [`npx kubernaut approve ${name} --digest ${digest}`, `npx kubernaut reject ${name} --reason TEXT`]),
  ];
}

/** Shared with the plan of an alert, which shows its steps alike. */
export function stepLines({ name, action, parameters, dependencies, dryRun }: Omit<PendingStep, 'batch'>): readonly string[] {
  const after = dependencies.length === 0 ? '' : `, after ${dependencies.join(', ')}`;
  return [
    `${name}: ${action} ${parameterText(parameters)}${after}`,
    ...dryRun.split('\n').map((line, index) => (index === 0 ? `dry run: ${line}` : `         ${line}`)),
  ];
}

/** `namespace=production replicas=5`; what is no plain word is written as JSON. */
export function parameterText(parameters: JsonObject): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${wordOf(value)}`)
    .join(' ');
}

function wordOf(value: JsonValue | undefined): string {
  return typeof value === 'string' && /^[^\s"'=]+$/.test(value) ? value : JSON.stringify(value);
}

function timeLeft(seconds: number): string {
  return seconds > 0 ? formatDuration(seconds) : 'expired';
}
