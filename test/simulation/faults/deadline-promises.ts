import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import { durationSeconds, millisecondsOf } from '../../../shared/api/time.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { verdictOf } from '../course.ts';
import { biographies, type Entry } from './chronicle.ts';
import { phaseOf } from './history-promises.ts';

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Of api.md §3 to §6, in seconds; null: this phase has none of its own. */
function limitSeconds(object: KubernetesObject, phase: string): number | null {
  switch (`${object.kind} ${phase}`) {
    case 'RemediationProcessing enriching':
      return 30;
    case 'AIAnalysis investigating':
      return 420;
    case 'AIAnalysis analyzing':
    case 'AIAnalysis recommending':
    case 'KubernetesExecution validating':
      return 60;
    case 'WorkflowExecution validating':
      return 300;
    case 'WorkflowExecution monitoring':
      return 120;
    case 'KubernetesExecution executing':
      return durationSeconds(stringAt(object, 'spec', 'timeout') ?? '5m');
    default:
      return null;
  }
}

/** An execution's timeout counts from its first pass, the other limits from the phase that they bound. */
function startOfLimit({ kind }: KubernetesObject, phase: string): 'startTime' | 'phaseStartTime' {
  return kind === 'KubernetesExecution' && phase === 'executing' ? 'startTime' : 'phaseStartTime';
}

const deadlineReasons = ['deadline_exceeded', 'execution_timeout'];

/**
 * Whether a deadline of api.md, missed while the fault lasted, explains why the request failed: the resource at the bottom of the failure stayed in a
 * phase beyond its limit, and the fault was there meanwhile.
 */
export function missedADeadline(request: KubernetesObject, entries: readonly Entry[], window: Window | null): boolean {
  if (window === null || !deadlineReasons.includes(reasonAtTheBottom(request, entries))) return false;
  return [...biographies(entries).values()].some((life) => descends(life, request, entries) && stayedTooLong(life, window));
}

/** Of the first step that failed, where it is a step that failed. */
function reasonAtTheBottom(request: KubernetesObject, entries: readonly Entry[]): string {
  const reason = stringAt(request, 'status', 'reason') ?? '';
  if (reason !== 'step_execution_failed') return reason;
  const failed = entries.find(
    ({ object }) => object.kind === 'KubernetesExecution' && phaseOf(object) === 'failed' && stringAt(object, 'spec', 'rollbackOf') === null,
  );
  return stringAt(failed?.object, 'status', 'reason') ?? '';
}

/** `completed`, `failed step_execution_failed (health_check_failed)` */
export function verdictWithCause(request: KubernetesObject, entries: readonly Entry[]): string {
  const verdict = verdictOf(request['status']);
  const cause = reasonAtTheBottom(request, entries);
  return cause === '' || verdict.endsWith(cause) ? verdict : `${verdict} (${cause})`;
}

function descends(life: readonly Entry[], request: KubernetesObject, entries: readonly Entry[]): boolean {
  const owner = life[0] === undefined ? null : controllerOf(life[0].object);
  if (owner === null) return false;
  if (owner.uid === request.metadata.uid) return true;
  return entries.some(({ object }) => object.metadata.uid === owner.uid && controllerOf(object)?.uid === request.metadata.uid);
}

function stayedTooLong(life: readonly Entry[], window: Window): boolean {
  return life.some(({ object }, index) => {
    const phase = phaseOf(object);
    const next = life.slice(index).find((later) => phaseOf(later.object) !== phase);
    const since = stringAt(object, 'status', startOfLimit(object, phase));
    const limit = limitSeconds(object, phase);
    if (isTerminal(phase) || next === undefined || since === null || limit === null || phaseOf(next.object) !== 'failed') return false;
    const entered = millisecondsOf(since);
    return next.atMilliseconds >= entered + limit * 1_000 && window.from <= next.atMilliseconds && window.to >= entered;
  });
}
