import type { Variables } from '../../../shared/function-ports.ts';
import { parseEnvironment } from '../../../shared/environment.ts';
import { systemClock } from '../../../shared/system-clock.ts';
import { readRunningStack, runningStackPath, type RunningStack } from '../../local/stack/running-stack.ts';
import { connect, type Connection, type ConnectionOptions } from '../operator/connection.ts';
import { printJson, printLines, type OutputFormat } from '../operator/output.ts';
import { textTable } from '../operator/text-table.ts';
import { openStage, type StageOptions } from '../queues/stage.ts';
import { admissionCheck, policiesCheck } from './admission.ts';
import { clocksCheck } from './clocks.ts';
import { clusterCheck } from './cluster.ts';
import { databaseCheck } from './database.ts';
import { definitionsCheck } from './definitions.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';
import type { Check, Patient } from './patient.ts';
import { functionsCheck, watcherAccessCheck } from './permissions.ts';
import { deadLettersCheck, queuesCheck } from './queues.ts';
import { stalledCheck } from './stalled.ts';
import { watcherCheck } from './watcher.ts';
import { webhookCheck } from './webhook.ts';

export interface DoctorOptions extends ConnectionOptions, StageOptions {
  readonly output: OutputFormat;
}

/** In the order in which a remediation needs them. */
export const checks: readonly Check[] = [
  webhookCheck,
  queuesCheck,
  deadLettersCheck,
  clusterCheck,
  definitionsCheck,
  functionsCheck,
  watcherAccessCheck,
  policiesCheck,
  admissionCheck,
  watcherCheck,
  stalledCheck,
  databaseCheck,
  clocksCheck,
];

/** Looks at an installation and says of each part whether it is as it should be; 1 when something fails. */
export async function doctor(options: DoctorOptions, variables: Variables): Promise<number> {
  const findings = await examine(checks, await patientOf(options, variables));
  const failed = findings.filter(({ status }) => status === 'fail').length;
  if (options.output === 'json') printJson({ failed, items: findings });
  else printLines(doctorText(findings));
  return failed === 0 ? 0 : 1;
}

/** Pure. */
export function doctorText(findings: readonly Finding[]): readonly string[] {
  const rows = findings.map(({ status, check, message, remedy }) => [status, check, remedy === '' ? message : `${message}: ${remedy}`]);
  const count = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const told = [...(failed > 0 ? [`${failed} failed`] : []), ...(warned > 0 ? [`${warned} to look at`] : [])];
  return [...textTable(['STATUS', 'CHECK', 'WHAT'], rows), '', told.length === 0 ? 'all is well' : told.join(', ')];
}

/** What is looked at is opened when it is looked at: nothing that is wrong is thrown here. */
export async function patientOf(options: DoctorOptions, variables: Variables): Promise<Patient> {
  const connection = once(() => connect(options, variables));
  return {
    variables,
    systemNamespace: options.systemNamespace,
    connection,
    stage: once(() => openStage(options, variables)),
    openDatabase: namesDatabase(variables) ? () => openDatabase(variables) : null,
    local: await localStackOf(connection, variables),
    clock: systemClock,
  };
}

/** One connection for all checks; what throws, throws for each of them. */
function once<T>(open: () => T): () => T {
  let opened: { readonly value: T } | undefined;
  return () => (opened ??= { value: open() }).value;
}

async function localStackOf(connection: () => Connection, variables: Variables): Promise<RunningStack | null> {
  try {
    const stack = await readRunningStack(runningStackPath(variables));
    return stack !== null && stack.apiUrl === connection().server ? stack : null;
  } catch {
    return null; // whatever is wrong with either is said where it is looked at
  }
}

function namesDatabase(variables: Variables): boolean {
  return ['SECRET', 'PARAMETER', 'FILE'].some((kind) => (variables[`KUBERNAUT_DATABASE_URL_${kind}`] ?? '') !== '');
}

async function openDatabase(variables: Variables) {
  const { connectDatabase } = await import('../../../shared/audit/connect.ts');
  return connectDatabase(parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://none.invalid/', ...variables }, ['database']));
}
