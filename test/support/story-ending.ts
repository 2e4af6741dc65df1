import { canonicalJson } from '../../shared/api/digest.ts';
import type { Kysely } from 'kysely';
import { listAll, readOne } from '../../infra/local/story/observe.ts';
import type { Story } from '../../infra/local/story/story.ts';
import { subjectOf } from '../../infra/local/story/trail.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { voidAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Database } from '../../shared/audit/tables.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { listAt, mapAt, numberAt, stringAt, stringsAt, valueAt } from '../../shared/kubernetes/unstructured.ts';

interface Told {
  readonly admin: Transport;
  readonly database: Kysely<Database>;
}

/**
 * What a story leaves, beside its trail, as lines: the objects of its own world, what each Job and execution came to, locks, Kubernetes Events and the
 * audit. Without what differs from one telling to the next.
 */
export async function endingOf({ admin, database }: Told, story: Story): Promise<string> {
  const parts = await Promise.all([worldLines(admin, story), jobLines(admin), executionLines(admin), workflowLines(admin), lockLines(admin)]);
  const more = await Promise.all([eventLines(admin), auditLines(database)]);
  return [...parts, ...more]
    .map((lines) =>
      lines
        .map((line) => `${withoutAccidents(line)}\n`)
        .toSorted()
        .join(''),
    )
    .filter((text) => text !== '')
    .join('\n');
}

/** What differs from one telling to the next: how long it took, the names that a cluster gives, and until when somebody may decide. */
const accidents: readonly (readonly [RegExp, string])[] = [
  [/ in (\d+[hms])+(?=$|;|,)/g, ' in a while'],
  [/\b(pod (?:[a-z]+\/)?[a-z]+)-[a-z0-9]+-[a-z0-9]{5}\b/gi, '$1-…'],
  [/("pod":"[a-z]+)-[a-z0-9]+-[a-z0-9]{5}"/g, '$1-…"'],
  [/(which crashed) \d+ times?/g, '$1 again and again'],
  [/(replicaset \w+)-[a-z0-9]+/g, '$1-…'],
  [/\bsha256:[0-9a-f]{64}\b/g, 'sha256:<digest>'], // of a plan, which says how long it is watched: less on a real control plane
  [/\brr-[0-9a-f]{12}-[0-9a-f]{6}\b/g, 'rr-…'],
  [/\bke-([a-z-]+)-[0-9a-f]{8}\b/g, 'ke-$1-…'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uid>'],
  // The sandbox's scheduler thinks of no preemption.
  [/\. no new claims to deallocate, preemption: 0\/1 nodes are available: 1 [A-Za-z ]+\./g, '.'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'a time'],
];

export function withoutAccidents(text: string): string {
  return accidents.reduce((told, [accident, instead]) => told.replaceAll(accident, instead), text);
}

async function worldLines(admin: Transport, { cluster }: Story): Promise<readonly string[]> {
  const lines = await Promise.all(
    cluster.map(async ({ apiVersion, kind, metadata: { name, namespace } }) => {
      if (namespace === undefined || !['Deployment', 'ConfigMap'].includes(kind)) return [];
      const now = await readOne(admin, { apiVersion, kind }, { namespace, name });
      return [`${kind} ${name}: ${now === null ? 'gone' : kind === 'Deployment' ? workloadText(now) : canonicalJson(valueAt(now, 'data'))}`];
    }),
  );
  return lines.flat();
}

function workloadText(deployment: KubernetesObject): string {
  const limits = listAt(deployment, 'spec', 'template', 'spec', 'containers').map((container) => stringAt(container, 'resources', 'limits', 'memory'));
  const wanted = `${numberAt(deployment, 'spec', 'replicas')} wanted, ${numberAt(deployment, 'status', 'readyReplicas') ?? 0} ready`;
  return limits[0] === null ? wanted : `${wanted}, at most ${limits.join(', ')} of memory`;
}

async function jobLines(admin: Transport): Promise<readonly string[]> {
  return (await listAll(admin, { apiVersion: 'batch/v1', kind: 'Job' })).map((job) => {
    const voidFor = job.metadata.annotations?.[voidAnnotation];
    const ended = listAt(job, 'status', 'conditions').find(
      (condition) => stringAt(condition, 'status') === 'True' && ['Complete', 'Failed'].includes(stringAt(condition, 'type') ?? ''),
    );
    const how = [stringAt(ended, 'type') ?? 'running', stringAt(ended, 'reason') ?? ''].join(' ');
    const held = (job.metadata.finalizers ?? []).filter((finalizer) => finalizer.startsWith('kubernaut.io/'));
    return [`${subjectOf(job)}: ${voidFor === undefined ? how : `void for ${voidFor}`}`, ...held].join(', held by ');
  });
}

async function executionLines(admin: Transport): Promise<readonly string[]> {
  const executions = await listAll(admin, { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' });
  return executions.flatMap((execution) => {
    const subject = subjectOf(execution);
    const { success, message, validationResult, errorMessage, exitCode } = mapAt(execution, 'status', 'executionResults') as Readonly<Record<string, unknown>>;
    const checks = checkText(execution);
    const undo = mapAt(execution, 'status', 'rollbackInformation') as Readonly<Record<string, unknown>>;
    const log = stringAt(execution, 'status', 'executionResults', 'jobOutput')?.trim().split('\n').at(-1);
    return [
      ...(checks === '' ? [] : [`${subject} checks: ${checks}`]),
      `${subject} results: ${JSON.stringify({ success, message, validationResult, errorMessage, exitCode })}`,
      ...(undo['available'] === true ? [`${subject} undo: ${String(undo['action'])} ${canonicalJson(undo['parameters'])}`] : []),
      ...(log === undefined ? [] : [`${subject} log: ${log}`]),
    ];
  });
}

async function workflowLines(admin: Transport): Promise<readonly string[]> {
  const workflows = await listAll(admin, { apiVersion: kinds.WorkflowExecution.apiVersion, kind: 'WorkflowExecution' });
  return workflows.flatMap((workflow) => {
    const checks = checkText(workflow);
    const steps = listAt(workflow, 'status', 'stepStatuses').map((step) => `wf step ${stringAt(step, 'stepName')}: ${stringAt(step, 'phase')}`);
    const undone = listAt(workflow, 'status', 'rollback', 'steps').map(
      (step) =>
        `wf rollback of ${stringAt(step, 'stepName')}: ${[stringAt(step, 'phase'), stringAt(step, 'reason')].filter((word) => word !== null).join(' ')}`,
    );
    const conditions = listAt(workflow, 'status', 'conditions').map(
      (condition) => `wf condition ${stringAt(condition, 'type')}: ${stringAt(condition, 'status')} ${stringAt(condition, 'reason')}`,
    );
    return [...(checks === '' ? [] : [`wf checks: ${checks}`]), ...steps, ...undone, ...conditions];
  });
}

/** `rbacValid true, dryRunPassed false: <words>` */
function checkText(object: KubernetesObject): string {
  const results = mapAt(object, 'status', 'validationResults') as Readonly<Record<string, unknown>>;
  const checks = Object.entries(results).flatMap(([name, held]) => (typeof held === 'boolean' ? [`${name} ${held}`] : []));
  const { errorMessage } = stringsAt(object, 'status', 'validationResults');
  return [checks.toSorted().join(', '), errorMessage].filter((part) => part !== undefined && part !== '').join(': ');
}

async function lockLines(admin: Transport): Promise<readonly string[]> {
  const leases = await listAll(admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
  return leases.map(({ metadata: { name } }) => `Lease ${name}`.replace(/-[0-9a-f]{16}$/, '-…'));
}

async function eventLines(admin: Transport): Promise<readonly string[]> {
  const events = await listAll(admin, { apiVersion: 'v1', kind: 'Event' });
  const ours = events.filter((event) => stringAt(event, 'reportingComponent')?.startsWith('kubernaut.io/') === true);
  return ours.map((event) => {
    const [type, reason, message] = ['type', 'reason', 'message'].map((field) => stringAt(event, field) ?? '');
    return `Event ${type} ${reason} ${stringAt(event, 'involvedObject', 'kind') ?? ''}: ${message}`;
  });
}

/** Each kind of row once: a pass that lost a race has audited its decision too. When the sweeper comes is nobody's promise. */
async function auditLines(database: Kysely<Database>): Promise<readonly string[]> {
  const rows = await database
    .selectFrom('audit_event')
    .select(['kind', 'type', 'phase_from', 'phase_to', 'reason', 'actor_kind'])
    .where('type', '!=', 'sweep.resent')
    .execute();
  return [...new Set(rows.map((row) => `audit ${row.type} of ${row.kind} by ${row.actor_kind}${wayOf(row)} ${row.reason}`.trimEnd()))];
}

/** An alert meets a request in whatever phase it is just then. */
function wayOf({ type, phase_from: from, phase_to: to }: { readonly type: string; readonly phase_from: string; readonly phase_to: string }): string {
  return type.startsWith('alert.') ? '' : `: ${from} → ${to}`;
}
