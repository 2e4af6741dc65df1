import { bindAction } from '../../shared/actions/index.ts';
import { targetBefore } from '../../shared/actions/target-before.ts';
import { canonicalJson } from '../../shared/api/digest.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, isAfter, latest, type Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { StepStatus } from '../../shared/api/workflow-status.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import { tickSeconds } from '../../shared/reconciler/wait.ts';
import type { Executions, Ports } from './executions.ts';
import { onceEach, readEach } from './reads.ts';
import { latestFirst } from './rollback.ts';
import { startedCount, statusesOf } from './steps.ts';
import type { StepsTold } from './telling.ts';

export const tickEverySeconds = 10;
const ticksMax = 60; // 600 s, the longest window, at 10 s each

/** The window is counted from the latest verdict, as the executions' own times have it; all its ticks are armed here, at once. */
export function enterMonitoring(workflow: WorkflowExecution, statuses: readonly StepStatus[], told: StepsTold, now: Instant): Decision {
  const { monitoringSeconds } = workflow.spec.executionStrategy;
  const ends = statuses.flatMap(({ phase, completionTime }) => (phase === 'completed' && completionTime !== undefined ? [completionTime] : []));
  const [first = now, ...others] = ends;
  const until = addSeconds(others.reduce(latest, first), monitoringSeconds);
  const effects = transition(
    workflow,
    {
      to: 'monitoring',
      status: { stepStatuses: statuses, currentStep: startedCount(statuses), monitoring: { startedAt: now, until } },
      conditions: [{ type: 'Stable', status: 'Unknown', reason: 'Monitoring' }],
    },
    now,
  );
  const wakeAfterSeconds = isAfter(until, now) ? tickSeconds(now, until, { everySeconds: tickEverySeconds, ticksMax }) : [];
  return { effects: [...told.audits, ...effects, ...told.events], wakeAfterSeconds };
}

/** The objects that one step's outcome check wants, as they are now. */
export interface OutcomeWorld {
  readonly stepName: string;
  readonly execution: KubernetesExecution;
  readonly objects: readonly (KubernetesObject | null)[];
}

/** One GET for each object, however many steps look at it. */
export async function readOutcomes(workflow: WorkflowExecution, executions: Executions, { cluster }: Ports): Promise<readonly OutcomeWorld[]> {
  const get = onceEach((key: ObjectKey) => cluster.get(key));
  return readEach(lastingSteps(workflow, executions), async ({ stepName, execution }) => {
    const { outcome, before } = outcomeOf(execution);
    return { stepName, execution, objects: await readEach(outcome.reads(before), get) };
  });
}

/** The completed steps whose outcome shall last: of those that did the same to the same object (scaled to none, later up again), the last. */
function lastingSteps(workflow: WorkflowExecution, executions: Executions): readonly Omit<OutcomeWorld, 'objects'>[] {
  const settled = new Set<string>();
  return latestFirst(workflow, statusesOf(workflow)).flatMap(({ stepName, phase }) => {
    const execution = executions.get(stepName) ?? null;
    if (phase !== 'completed' || execution === null) return [];
    const change = canonicalJson([execution.spec.actionType, execution.spec.target]);
    if (settled.has(change)) return [];
    settled.add(change);
    return [{ stepName, execution }];
  });
}

/** The first step whose outcome no longer holds, as a sentence; null while all is as it was verified. */
export function instability(worlds: readonly OutcomeWorld[]): string | null {
  for (const { stepName, execution, objects } of worlds) {
    const { outcome, before } = outcomeOf(execution);
    const { kind, message } = outcome.judge(before, objects);
    // It was verified once: what has to be waited for again is no longer stable.
    if (kind !== 'ok') return `step ${stepName} did not stay as it was verified: ${message}`;
  }
  return null;
}

function outcomeOf(execution: KubernetesExecution) {
  const action = bindAction(execution.spec.actionType, execution.spec.actionParams);
  return { outcome: action.outcome, before: targetBefore(execution, action) };
}
