import type { BoundAction } from '../../../shared/actions/action.ts';
import { readContext } from '../../../shared/actions/context.ts';
import type { KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { ClusterReader } from '../../../shared/kubernetes/ports.ts';
import type { StatusPatch } from '../../../shared/reconciler/effect.ts';
import type { Decision, Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { untilSeconds } from '../../../shared/reconciler/wait.ts';
import { admit } from '../../../shared/planning/admittance.ts';
import { calledTarget } from '../called-target.ts';
import { timeoutAt, validatingEndsAt } from '../deadlines.ts';
import type { Settings } from '../settings.ts';
import { findingBeforeDryRun, findingOfTarget, firstFinding, validationResults, type Inspection, type Seen } from '../validation.ts';
import { complete, fail } from '../verdict.ts';

const nothingSeen: Seen = { access: null, target: null, context: [], dryRun: null };

/** The last look at the cluster before a Job is made. It keeps what an undo needs: after the Job the old values are gone. */
export function validating(settings: Settings): Phase<KubernetesExecution, Seen, ClusterReader> {
  return {
    observe(execution, ports) {
      const admittance = admit(execution.spec, settings);
      return admittance.kind === 'refused' ? Promise.resolve(nothingSeen) : look(execution, admittance.action, ports);
    },

    decide(execution, seen, now) {
      const admittance = admit(execution.spec, settings);
      if (admittance.kind === 'refused') return { effects: fail(execution, admittance, now) };
      return judge({ ...seen, execution, action: admittance.action }, now);
    },

    deadline: validatingEndsAt,
  };
}

/** Each question only if the answer before it lets it matter: an identity that may not act needs no dry run. */
async function look(execution: KubernetesExecution, action: BoundAction, ports: ClusterReader): Promise<Seen> {
  const access = await ports.reviewAccess(action.serviceAccount, action.rbac, action.target.namespace);
  if (!access.allowed) return { ...nothingSeen, access };
  const target = await ports.get(action.target);
  const alone = { ...nothingSeen, access, target };
  if (target === null || findingOfTarget({ ...alone, execution, action }) !== null) return alone;
  const seen = { ...alone, context: await readContext(action, target, ports) };
  if (findingBeforeDryRun({ ...seen, execution, action }) !== null) return seen;
  // What kubectl only reads has nothing to rehearse: whether the identity may is what the review has answered.
  const changes = action.requests(target).filter(({ method }) => method !== 'GET');
  return { ...seen, dryRun: await ports.dryRun(action.serviceAccount, changes) };
}

function judge(inspection: Inspection, now: Instant): Decision {
  const { execution } = inspection;
  const finding = firstFinding(inspection);
  const status = { validationResults: validationResults(inspection, finding), validationTime: now };
  switch (finding?.kind) {
    case 'violation':
      return { effects: fail(execution, { ...finding, status }, now) };
    case 'already done': {
      const nothingToUndo = { ...status, rollbackInformation: { available: false } };
      return {
        effects: complete(execution, { message: finding.message, succeededReason: 'NoActionNeeded', status: nothingToUndo, conditions: [validated] }, now),
      };
    }
    case undefined:
      return enterExecuting(inspection, status, now);
  }
}

const validated = { type: 'Validated', status: 'True', reason: 'Completed' } as const;

/** What undoes the action is in the status before the Job can exist, and so is the deadline's timer. */
function enterExecuting({ execution, action, target }: Inspection, status: StatusPatch, now: Instant): Decision {
  const captured = target === null ? {} : { rollbackInformation: undoOf(action, target, now), targetBefore: kept(action.remember(target)) };
  const message = `${action.name} may run on ${calledTarget(action.target)}`;
  const step = { to: 'executing', status: { ...status, ...captured }, conditions: [validated], audit: { type: 'execution.validated', message } };
  return { effects: transition(execution, step, now), wakeAfterSeconds: [untilSeconds(timeoutAt(execution, now), now)] };
}

function undoOf(action: BoundAction, target: KubernetesObject, now: Instant): StatusPatch {
  const undo = action.undo(target);
  return undo === null ? { available: false } : { available: true, action: undo.action, parameters: undo.parameters, capturedAt: now };
}

/** An object of the API as the JSON that it came as. */
function kept(object: KubernetesObject): StatusPatch {
  return object as StatusPatch;
}
