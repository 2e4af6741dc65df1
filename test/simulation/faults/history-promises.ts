import { isKindName, type KindName } from '../../../shared/api/kinds.ts';
import { unrecordedFinalizer, voidAnnotation, targetHashLabel } from '../../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { violationsOf, type Violation } from '../violation.ts';
import { biographies, type Entry } from './chronicle.ts';

type Lives = ReadonlyMap<string, readonly Entry[]>;

/** What the store's history must show, whatever our own logs say. */
export function historyViolations(entries: readonly Entry[]): readonly Violation[] {
  const lives = biographies(entries);
  return [
    ...violationsOf('a verdict stands', eachOfOurs(lives, verdictMoved)),
    ...violationsOf('what was recorded is never taken back', eachOfOurs(lives, takenBack)),
    ...violationsOf('a condition moves only when it flips', eachOfOurs(lives, conditionMoved)),
    ...violationsOf('children before status', namedBeforeMade(lives)),
    ...violationsOf('one child of a kind', siblings(lives)),
    ...violationsOf('one Job a step', secondJobs(lives)),
    ...violationsOf('a Job that nobody recorded cannot vanish', unrecorded(lives)),
    ...violationsOf('one remediation at a time on a target', overlaps(lives)),
    ...violationsOf('no lock ends before its use', locksEndedEarly(lives)),
    ...violationsOf('an Event is told once', toldTwice(lives)),
  ];
}

type Pair = { readonly before: KubernetesObject; readonly after: KubernetesObject; readonly kind: KindName };

function eachOfOurs(lives: Lives, judge: (pair: Pair) => readonly string[]): readonly string[] {
  return [...lives.values()].flatMap((life) =>
    life.slice(1).flatMap(({ object: after, change }, index) => {
      const before = life[index]?.object;
      if (before === undefined || change !== 'MODIFIED' || !isKindName(after.kind)) return [];
      return judge({ before, after, kind: after.kind }).map((sentence) => `${after.kind} ${after.metadata.name}: ${sentence}`);
    }),
  );
}

const verdictFields = ['phase', 'reason', 'message', 'completionTime'] as const;

function verdictMoved({ before, after }: Pair): readonly string[] {
  if (!isTerminal(phaseOf(before))) return [];
  return verdictFields
    .filter((field) => stringAt(before, 'status', field) !== stringAt(after, 'status', field))
    .map((field) => `${field} went from ${stringAt(before, 'status', field) ?? 'nothing'} to ${stringAt(after, 'status', field) ?? 'nothing'} after the end`);
}

function takenBack({ before, after, kind }: Pair): readonly string[] {
  const now = recordOf(after, kind);
  return Object.entries(recordOf(before, kind))
    .filter(([field, value]) => value !== null && now[field] !== value)
    .map(([field, value]) => `${field} was ${value ?? ''} and is ${now[field] ?? 'nothing'}`);
}

/** What is written once. */
function recordOf(object: KubernetesObject, kind: KindName): Readonly<Record<string, string | null>> {
  const at = (...path: readonly string[]) => stringAt(object, 'status', ...path);
  const common = { startTime: at('startTime') };
  switch (kind) {
    case 'RemediationRequest':
      return { ...common, processing: at('remediationProcessingRef', 'uid'), analysis: at('aiAnalysisRef', 'uid'), workflow: at('workflowRef', 'uid') };
    case 'RemediationProcessing':
    case 'AIAnalysis':
      return common;
    case 'WorkflowExecution':
      return { ...common, digest: at('executionPlan', 'digest'), ...stepRefs(object, ['stepStatuses']), ...stepRefs(object, ['rollback', 'steps']) };
    case 'KubernetesExecution':
      return { ...common, jobRef: at('jobRef', 'uid'), jobCreatedTime: at('jobCreatedTime'), captured: at('rollbackInformation', 'capturedAt') };
  }
}

function stepRefs(object: KubernetesObject, path: readonly string[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    listAt(object, 'status', ...path).map((step) => [`${path.join('.')} ${stringAt(step, 'stepName') ?? ''}`, stringAt(step, 'executionRef', 'uid')]),
  );
}

function conditionMoved({ before, after }: Pair): readonly string[] {
  const old = new Map(listAt(before, 'status', 'conditions').map((condition) => [stringAt(condition, 'type'), condition]));
  return listAt(after, 'status', 'conditions').flatMap((condition) => {
    const was = old.get(stringAt(condition, 'type'));
    if (was === undefined) return [];
    const flips = stringAt(was, 'status') !== stringAt(condition, 'status');
    const moves = stringAt(was, 'lastTransitionTime') !== stringAt(condition, 'lastTransitionTime');
    return moves && !flips ? [`condition ${stringAt(condition, 'type') ?? ''} moved and did not flip`] : [];
  });
}

function namedBeforeMade(lives: Lives): readonly string[] {
  return [...lives.values()].flat().flatMap(({ object, revision }) => {
    if (!isKindName(object.kind)) return [];
    const named = Object.entries(recordOf(object, object.kind)).filter(([field]) => !['startTime', 'digest', 'jobCreatedTime', 'captured'].includes(field));
    return named.flatMap(([field, uid]) => {
      const born = uid === null ? undefined : lives.get(uid)?.[0]?.revision;
      return uid === null || (born !== undefined && born < revision) ? [] : [`${object.metadata.name} names ${field} ${uid}, which was not there yet`];
    });
  });
}

const onlyChildren = ['RemediationProcessing', 'AIAnalysis', 'WorkflowExecution'];

function siblings(lives: Lives): readonly string[] {
  const born = [...lives.values()].flatMap((life) => life.slice(0, 1)).filter(({ object }) => onlyChildren.includes(object.kind));
  return several(born.map(({ object }) => `${object.kind} of ${controllerOf(object)?.name ?? 'nobody'}`));
}

function secondJobs(lives: Lives): readonly string[] {
  const steps = realJobs(lives).map(([first]) => {
    const uid = first === undefined ? '' : (controllerOf(first.object)?.uid ?? '');
    const execution = lives.get(uid)?.[0]?.object;
    const undoes = stringAt(execution, 'spec', 'rollbackOf') === null ? '' : 'undo of ';
    return `Job for ${undoes}step ${stringAt(execution, 'spec', 'stepName') ?? ''} of ${execution === undefined ? uid : (controllerOf(execution)?.name ?? '')}`;
  });
  return several(steps);
}

/** Biographies of the Jobs that can act. */
export function realJobs(lives: Lives): readonly (readonly Entry[])[] {
  return [...lives.values()].filter(([first]) => first?.object.kind === 'Job' && first.object.metadata.annotations?.[voidAnnotation] === undefined);
}

function unrecorded(lives: Lives): readonly string[] {
  return realJobs(lives).flatMap((life) => {
    const [first] = life;
    if (first === undefined) return [];
    const { metadata } = first.object;
    const execution = lives.get(controllerOf(first.object)?.uid ?? '') ?? [];
    const recorded = execution.find(({ object }) => stringAt(object, 'status', 'jobRef', 'uid') === metadata.uid)?.revision;
    const free = life.find(({ object, change }) => change === 'DELETED' || object.metadata.finalizers?.includes(unrecordedFinalizer) !== true)?.revision;
    const goneBefore = free !== undefined && (recorded === undefined || free < recorded);
    return goneBefore ? [`Job ${metadata.name} could vanish before it was recorded`] : [];
  });
}

/** From the first Job of a workflow to its end nobody else works on the target. */
function overlaps(lives: Lives): readonly string[] {
  const jobsOf = (workflowUid: string) =>
    realJobs(lives).filter(([first]) => {
      const execution = first === undefined ? undefined : lives.get(controllerOf(first.object)?.uid ?? '')?.[0]?.object;
      return execution !== undefined && controllerOf(execution)?.uid === workflowUid;
    });
  const spans = [...lives.entries()].flatMap(([uid, life]) => {
    const object = life[0]?.object;
    const from = Math.min(...jobsOf(uid).map(([first]) => first?.revision ?? Infinity));
    if (object?.kind !== 'WorkflowExecution' || !Number.isFinite(from)) return [];
    return [{ name: object.metadata.name, target: object.metadata.labels?.[targetHashLabel] ?? '', from, to: endOf(life) }];
  });
  return spans.flatMap((one) =>
    spans
      .filter((other) => other.target === one.target && one.from < other.from && other.from < one.to)
      .map((other) => `${one.name} and ${other.name} act at once`),
  );
}

function endOf(life: readonly Entry[]): number {
  return life.find(({ object, change }) => change === 'DELETED' || isTerminal(phaseOf(object)))?.revision ?? Infinity;
}

/** A workflow that its request never named cannot act, and needs no lock: it may be born between the look and the release. */
function locksEndedEarly(lives: Lives): readonly string[] {
  const named = new Set([...lives.values()].flat().map(({ object }) => stringAt(object, 'status', 'workflowRef', 'uid')));
  const workflows = [...lives.entries()].filter(([uid, [first]]) => first?.object.kind === 'WorkflowExecution' && named.has(uid)).map(([, life]) => life);
  return [...lives.values()].flatMap((life) => {
    const last = life.at(-1);
    if (last?.object.kind !== 'Lease' || last.change !== 'DELETED') return [];
    const holder = stringAt(last.object, 'spec', 'holderIdentity');
    const alive = workflows.filter((workflow) => {
      const [born] = workflow;
      return born !== undefined && controllerOf(born.object)?.uid === holder && born.revision < last.revision && endOf(workflow) > last.revision;
    });
    return alive.map(([born]) => `Lease ${last.object.metadata.name} was released while ${born?.object.metadata.name ?? ''} ran`);
  });
}

/** Told once a step, or once a fence. */
const repeatable = ['StepFailed', 'StepSkipped', 'RollbackFailed', 'RemediationBlocked'];

function toldTwice(lives: Lives): readonly string[] {
  const events = [...lives.values()].flatMap((life) => life.slice(0, 1)).filter(({ object }) => isOurEvent(object));
  const told = events.map(({ object }) => `${stringAt(object, 'reason') ?? ''} of ${stringAt(object, 'involvedObject', 'name') ?? ''}`);
  return several(told.filter((each) => !repeatable.some((reason) => each.startsWith(reason))));
}

/** The Job's controller tells of its own. */
function isOurEvent(object: KubernetesObject): boolean {
  return object.kind === 'Event' && (stringAt(object, 'reportingComponent') ?? '').startsWith('kubernaut.io/');
}

function several(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${count} × ${name}`);
}

export function phaseOf(object: KubernetesObject | undefined): string {
  return stringAt(object, 'status', 'phase') ?? '';
}
