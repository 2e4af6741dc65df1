import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { alertMessages } from '../../../functions/alert-webhook/fit.ts';
import { settingsFrom } from '../../../functions/remediation-orchestrator/settings.ts';
import { parseAIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { parseRemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import { parseRemediationRequest } from '../../../shared/api/remediation-request.ts';
import { fieldPath } from '../../../shared/api/resource.ts';
import { parseWorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { parseEnvironment } from '../../../shared/environment.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import { successOf, wordsOf } from '../../../shared/kubernetes/cluster.ts';
import { notificationSchema, type AlertMessage } from '../../../shared/queue/alert-message.ts';
import { systemClock } from '../../../shared/system-clock.ts';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import { rehearse, type Rehearsal } from '../../local/rehearsal/rehearse.ts';
import { readStanding } from '../../local/rehearsal/standing.ts';
import { createConsoleLogger } from '../console-logger.ts';
import { root } from '../root.ts';
import { visibleTexts } from '../visible.ts';
import type { Connection } from './connection.ts';
import { OperatorFailure } from './operator-failure.ts';
import { printJson, printStyledLines, type OutputFormat } from './output.ts';
import { planReport, type PlanReport, type RehearsedFamily } from './plan-report.ts';
import { planLines } from './plan-text.ts';

export interface PlanOptions {
  /** A file, or `-`. */
  readonly alert: string;
  readonly provider?: string;
  readonly output: OutputFormat;
  readonly timeout: number;
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

const alertsMax = 20; // each is investigated by itself; a notification that groups more is for the webhook

/** Prints what would be done about the alerts of a notification, and changes nothing. Answers 1 where a plan would fail. */
export async function plan(options: PlanOptions, connection: Connection): Promise<number> {
  const { output, alert } = options;
  const messages = await readAlerts(alert);
  const firing = messages.filter((message) => message.alert.status === 'firing');
  if (firing.length === 0) throw new OperatorFailure(`no alert of ${called(alert)} is firing: nothing would be done about it`);
  if (firing.length > alertsMax) throw new OperatorFailure(`${called(alert)} holds ${firing.length} firing alerts: give at most ${alertsMax} at once`);
  const reports: PlanReport[] = [];
  for (const message of firing) {
    const report = await planFor(message, options, connection);
    reports.push(report);
    if (output === 'text') printStyledLines([...(reports.length === 1 ? [] : ['']), ...planLines(visibleTexts(report), { colour: wantsColour() })]);
  }
  if (output === 'json') printJson({ items: reports });
  return reports.some(({ verdict }) => verdict === 'would_fail') ? 1 : 0;
}

async function planFor(message: AlertMessage, options: PlanOptions, connection: Connection): Promise<PlanReport> {
  const { timeout: secondsMax, signal, verbose } = options;
  const { transport: cluster, systemNamespace } = connection;
  const variables = variablesOf(options, process.env);
  const write = (line: string) => {
    console.error(line);
  };
  const logger = verbose ? createConsoleLogger(write, { verbose }) : silentLogger;
  const rehearsal = await rehearse(message, { root, cluster, systemNamespace, variables, logger, secondsMax, signal });
  refuseUnlessImpersonated(rehearsal);
  const family = familyOf(rehearsal);
  return planReport(family, rehearsal.transport, await standingOf(family, connection, variables));
}

/** A dry run is made as the action's identity. Where this user may not take it, the refusal says nothing about the plan. Throws ApiError. */
function refuseUnlessImpersonated({ transport }: Rehearsal): void {
  const refused = transport.rehearsed.find(({ answer }) => answer.status === 403 && wordsOf(answer.body, 403).includes('cannot impersonate'));
  if (refused !== undefined) successOf(refused.request, refused.answer);
}

/** Limits and windows are those of this shell, as the functions read theirs. */
function variablesOf({ provider }: PlanOptions, environment: Variables): Variables {
  const ours = Object.entries(environment).filter(([name]) => name.startsWith('KUBERNAUT_'));
  return { ...Object.fromEntries(ours), ...(provider !== undefined && { KUBERNAUT_ANALYSIS_PROVIDER: provider }) };
}

function familyOf({ request, processing, analysis, workflow }: Rehearsal): RehearsedFamily {
  return {
    request: parseRemediationRequest(request),
    processing: processing === null ? null : parseRemediationProcessing(processing),
    analysis: analysis === null ? null : parseAIAnalysis(analysis),
    workflow: workflow === null ? null : parseWorkflowExecution(workflow),
  };
}

async function standingOf({ request, analysis, workflow }: RehearsedFamily, { cluster }: Connection, variables: Variables) {
  if (analysis === null || workflow === null) return null;
  const environment = parseEnvironment({ ...variables, KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/' }, []);
  return readStanding({ request, analysis, workflow }, cluster, settingsFrom(environment), systemClock.now());
}

async function readAlerts(alert: string): Promise<readonly AlertMessage[]> {
  const notification = notificationSchema.safeParse(parseJson(await readText(alert), alert));
  if (notification.success) return alertMessages(notification.data, systemClock.now());
  const issues = notification.error.issues.slice(0, 3).map(({ path, message }) => `${fieldPath(path) || 'the document'}: ${message}`);
  throw new OperatorFailure(
    `${called(alert)} is no Alertmanager notification of version "4" (${issues.join('; ')}): give what Alertmanager posts to a webhook`,
  );
}

async function readText(alert: string): Promise<string> {
  if (alert === '-') return textOf(process.stdin);
  try {
    return await readFile(alert, 'utf8');
  } catch (cause) {
    throw new OperatorFailure(
      `${alert} cannot be read (${cause instanceof Error ? cause.message : String(cause)}): give the file of a notification, or - for stdin`,
      { cause },
    );
  }
}

function parseJson(text: string, alert: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OperatorFailure(`${called(alert)} is no JSON: give what Alertmanager posts to a webhook`, { cause });
  }
}

function called(alert: string): string {
  return alert === '-' ? 'stdin' : alert;
}

function wantsColour(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
}
