import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { counted } from '../../shared/api/text.ts';
import { listAt, numberAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { DemoReport } from './demo-report.ts';
import { visible } from './visible.ts';

/** What was done, why, and what it took: the end of a demo, for people. */
export function summaryLines(report: DemoReport): readonly string[] {
  const { remediationRequests, aiAnalysis, jobs, events, audit, counts, executor } = report;
  const rows: readonly (readonly [name: string, lines: readonly string[]])[] = [
    ['verdict', verdictLines(report)],
    ['outcome', remediationRequests.map(outcomeOf)],
    ['root cause', [stringAt(aiAnalysis, 'status', 'investigationReport', 'rootCause') ?? '']],
    ['chosen', [chosenOf(aiAnalysis)]],
    ['steps', report.kubernetesExecutions.flatMap(stepLines)],
    ['jobs', jobs.length === 0 ? [] : [`${jobs.map(({ metadata }) => metadata.name).join(', ')}; run by ${executor}`]],
    ['messages', [`${counts.queueMessages} of alerts and resources, ${counts.auditMessages} of the audit`]],
    ['invocations', [`${counts.functionInvocations}: ${invocationsOf(counts.byFunction)}`]],
    ['requests', [`${counts.kubernetesRequests} to the Kubernetes API: ${verbsOf(counts.kubernetesRequestsByVerb)}`]],
    ['traces', [`${counted(events.length, 'Event')}, ${counted(audit.length, 'audit row')}`]],
  ];
  return [
    '',
    ...rows.flatMap(([name, lines]) => lines.filter((line) => line !== '').map((line, index) => `${(index === 0 ? name : '').padEnd(12)} ${visible(line)}`)),
  ];
}

function verdictLines({ remediationRequests, workflowExecution }: DemoReport): readonly string[] {
  const heads = remediationRequests.length > 0 || workflowExecution === null ? remediationRequests : [workflowExecution];
  if (heads.length === 0) return ['nothing to do: no RemediationRequest was made'];
  return heads.length === 1 ? heads.map(verdictOf) : heads.map((head) => `${head.metadata.name} ${verdictOf(head)}`);
}

/** Whether the alert was remedied, where the verdict does not say it. */
function outcomeOf(request: KubernetesObject): string {
  const outcome = stringAt(request, 'status', 'outcome') ?? '';
  return outcome === stringAt(request, 'status', 'phase') ? '' : outcome;
}

function verdictOf(object: KubernetesObject): string {
  const [phase, reason, message] = ['phase', 'reason', 'message'].map((field) => stringAt(object, 'status', field) ?? '');
  const said = [reason, message].filter((text) => text !== '' && text !== phase).join(': ');
  return said === '' ? (phase ?? '') : `${phase}: ${said}`;
}

function chosenOf(analysis: KubernetesObject | null): string {
  const first = listAt(analysis, 'status', 'recommendations')[0];
  const action = stringAt(first, 'action');
  if (action === null) return '';
  const [samples, rate, tier] = [numberAt(first, 'historicalSampleSize'), numberAt(first, 'historicalSuccessRate'), stringAt(first, 'historicalTier')];
  const past = `success rate ${rate ?? 0} ${(samples ?? 0) === 0 ? 'assumed, for want of past runs' : `over ${counted(samples ?? 0, 'past run')}`}`;
  return `${action}, confidence ${numberAt(first, 'confidence') ?? 0}; ${past} (tier ${tier ?? 'none'})`;
}

/** What was done, and what the execution found when it looked at the outcome. */
function stepLines(execution: KubernetesObject): readonly string[] {
  const results = (field: string) => stringAt(execution, 'status', 'executionResults', field);
  const seen = results('validationResult');
  return [`${nameOf(execution)}: ${results('message') ?? verdictOf(execution)}`, ...(seen === null ? [] : [`  ${seen}`])];
}

function nameOf(execution: KubernetesObject): string {
  const step = stringAt(execution, 'spec', 'stepName') ?? '';
  return stringAt(execution, 'spec', 'rollbackOf') === null ? step : `undo of ${step}`;
}

function invocationsOf(byFunction: DemoReport['counts']['byFunction']): string {
  const invoked = Object.entries(byFunction).filter(([, { invocations }]) => invocations > 0);
  return invoked.map(([name, { invocations }]) => `${name} ${invocations}`).join(', ');
}

function verbsOf(byVerb: Readonly<Record<string, number>>): string {
  return Object.entries(byVerb)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verb, count]) => `${verb} ${count}`)
    .join(', ');
}
