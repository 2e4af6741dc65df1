import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import type { DemoReport } from './demo-report.ts';

/** What was done, why, and what it took: the end of a demo, for people. */
export function summaryLines(report: DemoReport): readonly string[] {
  const { remediationRequest, aiAnalysis, workflowExecution, jobs, events, audit, counts, executor } = report;
  const head = remediationRequest ?? workflowExecution;
  const rows: readonly (readonly [string, string])[] = [
    ['verdict', verdictOf(head)],
    ['root cause', stringAt(aiAnalysis, 'status', 'investigationReport', 'rootCause') ?? ''],
    ['chosen', chosenOf(aiAnalysis)],
    ['steps', stepsOf(report)],
    ['jobs', jobs.length === 0 ? '' : `${jobs.map(({ metadata }) => metadata.name).join(', ')}; run by ${executor}`],
    ['outcome', outcomeOf(report)],
    ['messages', `${counts.queueMessages} of alerts and resources, ${counts.auditMessages} of the audit`],
    ['invocations', `${counts.functionInvocations}: ${invocationsOf(counts.byFunction)}`],
    ['requests', `${counts.kubernetesRequests} to the Kubernetes API: ${verbsOf(counts.kubernetesRequestsByVerb)}`],
    ['traces', `${events.length} Events, ${audit.length} audit rows`],
  ];
  return ['', ...rows.filter(([, text]) => text !== '').map(([name, text]) => `${name.padEnd(12)} ${text}`)];
}

function verdictOf(object: KubernetesObject | null): string {
  const [phase, reason, message] = ['phase', 'reason', 'message'].map((field) => stringAt(object, 'status', field) ?? '');
  const said = [reason, message].filter((text) => text !== '').join(': ');
  return said === '' ? (phase ?? '') : `${phase}: ${said}`;
}

function chosenOf(analysis: KubernetesObject | null): string {
  const first = listAt(analysis, 'status', 'recommendations')[0];
  const action = stringAt(first, 'action');
  if (action === null) return '';
  const [samples, rate, tier] = [numberAt(first, 'historicalSampleSize'), numberAt(first, 'historicalSuccessRate'), stringAt(first, 'historicalTier')];
  return `${action}, confidence ${numberAt(first, 'confidence') ?? 0}; success rate ${rate ?? 0} over ${samples ?? 0} past runs (tier ${tier ?? 'none'})`;
}

function stepsOf({ kubernetesExecutions }: DemoReport): string {
  return kubernetesExecutions
    .map((execution) => `${nameOf(execution)}: ${stringAt(execution, 'status', 'executionResults', 'message') ?? verdictOf(execution)}`)
    .join('; ');
}

function nameOf(execution: KubernetesObject): string {
  const step = stringAt(execution, 'spec', 'stepName') ?? '';
  return stringAt(execution, 'spec', 'rollbackOf') === null ? step : `undo of ${step}`;
}

/** What the executions found when they looked at the outcome. */
function outcomeOf({ kubernetesExecutions }: DemoReport): string {
  const results = kubernetesExecutions.map((execution) => valueAt(execution, 'status', 'executionResults', 'validationResult'));
  return results.filter((result) => typeof result === 'string').join('; ');
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
