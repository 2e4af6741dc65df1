import type { BoundAction } from '../../shared/actions/action.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import { judgePermission, readOwner, type Owner, type Permission } from '../../shared/reconciler/permission.ts';
import { nothing, type Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { isPast } from '../../shared/reconciler/wait.ts';
import { admit } from '../../shared/planning/admittance.ts';
import { conditionOf } from './conditions.ts';
import { phaseEndsAt } from './deadlines.ts';
import { endWithoutJob, verdictOf } from './end-without-job.ts';
import { jobKeyOf, lookup } from './lookup.ts';
import { makeJob, permitted, recordJob } from './make-job.ts';
import type { Settings } from './settings.ts';
import { targetChange } from './target-change.ts';
import { fail } from './verdict.ts';

/** Phase executing while the status names no Job. Null beside `job`: absent, or not asked because what was asked before decides. */
export interface Unrecorded {
  readonly job: KubernetesObject | null;
  readonly owner: Owner | null;
  readonly target: KubernetesObject | null;
}

export async function observeUnrecorded(
  execution: KubernetesExecution,
  ports: Pick<ClusterReader, 'get'>,
  settings: Settings,
  now: Instant,
): Promise<Unrecorded> {
  const job = await ports.get(jobKeyOf(execution));
  if (job !== null || isCancelRequested(execution)) return { job, owner: null, target: null };
  const owner = await readOwner(execution, ports);
  const admittance = admit(execution.spec, settings);
  const mayAct = admittance.kind === 'admitted' && judge(execution, owner, now).kind === 'granted' && !isOver(execution, admittance.action, now);
  return { job, owner, target: mayAct ? await ports.get(admittance.action.target) : null };
}

/** From then on the target is not asked for either: one that cannot be read must not keep the phase from its end. */
function isOver(execution: KubernetesExecution, { outcome }: BoundAction, now: Instant): boolean {
  return isPast(phaseEndsAt(execution, outcome.deadlineSeconds, now), now);
}

/** A Job is looked for before anything else: one that exists is recorded, whatever the target or the owner look like by now. */
export function decideUnrecorded(execution: KubernetesExecution, observed: Unrecorded, settings: Settings, now: Instant): Decision {
  const found = lookup(execution, observed.job);
  switch (found.kind) {
    case 'ours':
      return recordJob(execution, found.job, now);
    case 'void':
      return { effects: fail(execution, verdictOf(found.reason), now) };
    case 'a stranger':
      return { effects: fail(execution, { reason: 'job_creation_failed', message: `Job ${jobKeyOf(execution).name} exists and is not ours: delete it` }, now) };
    case 'never made':
      return decideToAct(execution, observed, settings, now);
  }
}

function decideToAct(execution: KubernetesExecution, { owner, target }: Unrecorded, settings: Settings, now: Instant): Decision {
  if (isCancelRequested(execution)) return endWithoutJob(execution, verdictOf('cancelled'), settings, now);
  const admittance = admit(execution.spec, settings);
  if (admittance.kind === 'refused') return endWithoutJob(execution, admittance, settings, now);
  const { action } = admittance;
  const permission = judge(execution, owner, now);
  switch (permission.kind) {
    case 'cancelled':
    case 'orphaned':
      return endWithoutJob(execution, { reason: permission.kind, message: permission.message }, settings, now);
    case 'waiting':
      return waitForOwner(execution, permission, now);
    case 'granted': {
      if (isOver(execution, action, now)) return endWithoutJob(execution, verdictOf('execution_timeout'), settings, now);
      const change = targetChange(execution, action, target);
      if (change !== null || target === null) return endWithoutJob(execution, { reason: 'target_changed', message: change ?? '' }, settings, now);
      return makeJob(execution, { action, target }, settings, now);
    }
  }
}

function judge(execution: KubernetesExecution, owner: Owner | null, now: Instant): Permission {
  return judgePermission(execution, owner, { pausedBy: null }, now);
}

/** Written once; the wait then goes on by its own timer, and a look that finds nothing new writes nothing. */
function waitForOwner(execution: KubernetesExecution, permission: Extract<Permission, { kind: 'waiting' }>, now: Instant): Decision {
  const wakeAfterSeconds = [permission.wakeAfterSeconds];
  const condition = conditionOf(execution, 'Permitted');
  const isKnown = condition?.status === 'False' && condition.reason === permission.reason;
  return isKnown ? { ...nothing, wakeAfterSeconds } : { effects: [update(execution, {}, permitted(permission), now)], wakeAfterSeconds };
}
