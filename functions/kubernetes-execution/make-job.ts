import type { BoundAction } from '../../shared/actions/action.ts';
import type { ConditionUpdate } from '../../shared/api/condition.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { created, type EmitEvent } from '../../shared/reconciler/effect.ts';
import { notPermittedSince, permittedUpdate, type Permission } from '../../shared/reconciler/permission.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { update } from '../../shared/reconciler/transition.ts';
import { deadlineWaitSeconds } from '../../shared/reconciler/wait.ts';
import { calledTarget } from './called-target.ts';
import { activeDeadlineSeconds, timeoutAt } from './deadlines.ts';
import { buildJob } from './job.ts';
import type { Settings } from './settings.ts';
import { told } from './told.ts';

export interface Acting {
  readonly action: BoundAction;
  /** As it was read a moment ago. */
  readonly target: KubernetesObject;
}

/** Audit before act, and the Job before the status that names it. The next pass takes the Job's finalizer off. */
export function makeJob(execution: KubernetesExecution, { action, target }: Acting, settings: Settings, now: Instant): Decision {
  const image = settings.kubectlImage;
  const job = buildJob({ execution, action, target, image, activeDeadlineSeconds: activeDeadlineSeconds(execution, now) });
  const message = `Job ${job.metadata.name} carries out ${action.name} on ${calledTarget(action.target)}`;
  const payload = { command: ['kubectl', ...action.argv(target)], serviceAccount: action.serviceAccount, image, targetUid: target.metadata.uid };
  return {
    effects: [
      told({ type: 'execution.intent', message, payload }),
      { kind: 'CreateResource', object: job, whenTaken: 'refused' },
      told({ type: 'execution.job_created', message }),
      update(execution, { jobRef: created(1, ['kind', 'name', 'namespace', 'uid']), jobCreatedTime: now }, granted, now),
      jobCreated(message),
    ],
    // Entering the phase armed the timer of the deadline, which has moved only if the permission was waited for.
    ...(notPermittedSince(execution) !== null && { wakeAfterSeconds: [deadlineWaitSeconds(timeoutAt(execution, now), now)] }),
  };
}

/** The pass that made this Job did not live to write its name. */
export function recordJob(execution: KubernetesExecution, job: KubernetesObject, now: Instant): Decision {
  const { name, namespace = execution.metadata.namespace, uid = '', creationTimestamp } = job.metadata;
  const message = `Job ${name} was found by its name and recorded`;
  return {
    effects: [
      told({ type: 'execution.job_created', message }),
      update(execution, { jobRef: { kind: job.kind, name, namespace, uid }, jobCreatedTime: creationTimestamp ?? now }, granted, now),
      jobCreated(message),
    ],
    wakeAfterSeconds: [deadlineWaitSeconds(timeoutAt(execution, now), now)],
  };
}

export function permitted(permission: Permission): readonly ConditionUpdate[] {
  const condition = permittedUpdate(permission);
  return condition === null ? [] : [condition];
}

const granted = permitted({ kind: 'granted' });

function jobCreated(message: string): EmitEvent {
  return { kind: 'EmitEvent', type: 'Normal', reason: 'JobCreated', message };
}
