import type { StoryStack } from '../../infra/local/stack/story-stack.ts';
import { jobKind, listAll } from '../../infra/local/story/observe.ts';
import { bindAction } from '../../shared/actions/index.ts';
import { KindName } from '../../shared/api/kinds.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { unrecordedFinalizer } from '../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { isAfter } from '../../shared/api/time.ts';
import { parseWorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import { listAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import { violationsOf, type Violation } from './violation.ts';
import { readFamily, type Witness } from './witness.ts';

type Family = Awaited<ReturnType<typeof readFamily>>;

const timeoutMilliseconds = 10_000;

/** What must hold once it is calm and everything has come to its end. */
export async function check(stack: StoryStack, witness: Witness): Promise<readonly Violation[]> {
  const family = await readFamily(stack.admin);
  const executions = family.KubernetesExecution.map(parseKubernetesExecution);
  return [
    ...witness.violations,
    ...violationsOf('everything ends', everythingHasEnded(family)),
    ...violationsOf('no parent ends before its child', parentsEndedLast(family)),
    ...violationsOf('one Job a step', oneJobAtMost(executions, witness)),
    ...violationsOf('what failed is undone', undoneIsUndone(family)),
    ...violationsOf('nothing is left', await nothingIsLeft(stack)),
    ...violationsOf('the audit is whole', await auditIsWhole(stack, family, witness)),
    ...violationsOf('the world is as the status says', await worldIsAsSaid(stack, executions)),
  ];
}

function everythingHasEnded(family: Family): readonly string[] {
  return KindName.flatMap((kind) =>
    family[kind].flatMap((object) => {
      const phase = stringAt(object, 'status', 'phase') ?? '';
      const conditions = listAt(object, 'status', 'conditions');
      const isStalled = conditions.some((condition) => stringAt(condition, 'type') === 'Stalled' && stringAt(condition, 'status') === 'True');
      return [
        ...(isTerminal(phase) ? [] : [`${kind} ${object.metadata.name} is left in phase "${phase}"`]),
        ...(isTerminal(phase) && isStalled ? [`${kind} ${object.metadata.name} has ended, and still says that it is stalled`] : []),
      ];
    }),
  );
}

/** A child that its parent never named is inert, and may end after it. */
function parentsEndedLast(family: Family): readonly string[] {
  const all = KindName.flatMap((kind) => family[kind]);
  const byUid = new Map(all.map((object) => [object.metadata.uid, object]));
  return all.flatMap((child) => {
    const parent = byUid.get(controllerOf(child)?.uid);
    const ended = stringAt(parent, 'status', 'completionTime');
    const childEnded = stringAt(child, 'status', 'completionTime');
    if (parent === undefined || ended === null || childEnded === null || !isAfter(childEnded, ended)) return [];
    const isNamed = JSON.stringify(parent['status']).includes(child.metadata.uid ?? '');
    return isNamed ? [`${child.metadata.name} ended at ${childEnded}, after its parent at ${ended}`] : [];
  });
}

function oneJobAtMost(executions: readonly KubernetesExecution[], { jobs, acts }: Witness): readonly string[] {
  return executions.flatMap(({ metadata: { name, uid }, spec, status }) => {
    const made = jobs.get(uid)?.size ?? 0;
    const acted = acts.get(uid) ?? 0;
    const action = bindAction(spec.actionType, spec.actionParams);
    const named = status?.jobRef?.uid;
    return [
      ...(made > 1 ? [`${name} had ${made} Jobs`] : []),
      ...(acted > 1 ? [`${name} acted ${acted} times by ${action.name}`] : []),
      ...(named !== undefined && jobs.get(uid)?.has(named) !== true ? [`${name} names a Job that never was`] : []),
      ...(acted > 0 && named === undefined ? [`${name} acted and names no Job`] : []),
      ...(status?.phase === 'completed' && named !== undefined && acted === 0 ? [`${name} completed, and its Job never acted`] : []),
    ];
  });
}

/** A workflow that failed after it changed something says of each change that it is undone, or why it is not. */
function undoneIsUndone({ WorkflowExecution: workflows }: Family): readonly string[] {
  return workflows.map(parseWorkflowExecution).flatMap(({ metadata, status }) => {
    if (status?.phase !== 'failed' || status.executionPlan?.rollbackStrategy !== 'automatic') return [];
    const recorded = new Set(status.rollback?.steps.map(({ stepName }) => stepName));
    const forgotten = (status.stepStatuses ?? []).filter(({ stepName, phase }) => phase === 'completed' && !recorded.has(stepName));
    return forgotten.map(({ stepName }) => `${metadata.name} failed, and step ${stepName} is neither undone nor said to be left`);
  });
}

async function nothingIsLeft({ admin, queues }: StoryStack): Promise<readonly string[]> {
  const leases = await listAll(admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
  const jobs = await listAll(admin, jobKind);
  return [
    ...leases.filter(({ metadata }) => metadata.name.startsWith('target-')).map(({ metadata }) => `${metadata.name} is left locked`),
    ...jobs.filter(({ metadata }) => metadata.finalizers?.includes(unrecordedFinalizer)).map(({ metadata }) => `${metadata.name} keeps its finalizer`),
    ...queues.peek('audit-dlq').map(({ body }) => `an audit row is a dead letter: ${body}`),
    ...queues.peek('alerts-dlq').map(({ body }) => `an alert is a dead letter: ${body}`),
  ];
}

const endRows: Readonly<Record<KindName, string>> = {
  RemediationRequest: 'request',
  RemediationProcessing: 'processing',
  AIAnalysis: 'analysis',
  WorkflowExecution: 'workflow',
  KubernetesExecution: 'execution',
};

/** Every row that reached the queue is stored; every beginning and every end has its row; and an intent precedes its Job. */
async function auditIsWhole({ database }: StoryStack, family: Family, { auditIds }: Witness): Promise<readonly string[]> {
  const rows = await database.selectFrom('audit_event').select(['id', 'uid', 'type', 'time']).execute();
  const stored = new Set(rows.map(({ id }) => id));
  const find = (uid: string | undefined, type: string) => rows.find((row) => row.uid === uid && row.type === type);
  const lost = [...auditIds].filter((id) => !stored.has(id)).map((id) => `audit row ${id} was sent and is not stored`);
  const untold = KindName.flatMap((kind) =>
    family[kind].flatMap(({ metadata: { name, uid }, ...object }) => {
      const type = `${endRows[kind]}.${stringAt(object, 'status', 'phase') ?? ''}`;
      return find(uid, type) === undefined ? [`${name} has no audit row ${type}`] : [];
    }),
  );
  const unborn = family.RemediationRequest.filter(({ metadata }) => find(metadata.uid, 'request.created') === undefined);
  const acting = family.KubernetesExecution.filter((execution) => stringAt(execution, 'status', 'jobRef', 'uid') !== null);
  const unannounced = acting.flatMap(({ metadata: { name, uid } }) => {
    const intent = find(uid, 'execution.intent');
    const made = find(uid, 'execution.job_created');
    return intent === undefined || made === undefined || made.time < intent.time ? [`${name} has no intent before its Job`] : [];
  });
  return [...lost, ...untold, ...unborn.map(({ metadata }) => `${metadata.name} has no audit row request.created`), ...unannounced];
}

/** The last execution that completed on an object left it as it says; nobody else changes it. */
async function worldIsAsSaid({ admin }: StoryStack, executions: readonly KubernetesExecution[]): Promise<readonly string[]> {
  const last = new Map<string, KubernetesExecution>();
  const inOrder = executions.toSorted((a, b) => (isAfter(a.status?.completionTime ?? '', b.status?.completionTime ?? '') ? 1 : -1));
  for (const execution of inOrder) {
    const { kind = '', name = '', namespace = '' } = execution.spec.target ?? {};
    if (execution.status?.jobRef !== undefined) last.set(`${kind} ${namespace}/${name}`, execution);
  }
  const said: string[] = [];
  for (const [target, { metadata, spec, status }] of last) {
    if (status?.phase !== 'completed') continue;
    const action = bindAction(spec.actionType, spec.actionParams);
    if (action.target.kind === 'Pod') continue; // it is gone, and another one stands in its place
    const { body } = await admin.send({ method: 'GET', path: objectPath(action.target) }, timeoutMilliseconds);
    if (action.alreadyDone(body as unknown as KubernetesObject) === null) said.push(`${metadata.name} completed, and ${target} is not as it says`);
  }
  return said;
}
