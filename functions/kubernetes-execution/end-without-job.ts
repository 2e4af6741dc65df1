import { ExecutionFailure, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { buildVoidJob } from './job.ts';
import type { Settings } from './settings.ts';
import { fail, type Failure } from './verdict.ts';

/**
 * Ends an execution of phase executing that has no Job: it takes the Job's name first, so that the slow create of another pass can never
 * act after the verdict. That create may have come first: then the kernel runs the pass anew, and its Job is found and judged.
 */
export function endWithoutJob(execution: KubernetesExecution, failure: Failure, settings: Settings, now: Instant): Decision {
  const object = buildVoidJob(execution, settings.kubectlImage, failure.reason);
  return { effects: [{ kind: 'CreateResource', object, whenTaken: 'refused' }, ...fail(execution, failure, now)] };
}

/** The verdict that a void Job names: the pass that made the Job did not live to write it. */
export function verdictOf(voidReason: string): Failure {
  const reason = ExecutionFailure.find((known) => known === voidReason);
  if (reason === undefined) return { reason: 'cancelled', message: `ended before a Job was made: its void Job says "${voidReason}"` };
  return { reason, message: sentences[reason] ?? `ended before a Job was made: ${voidReason}` };
}

export const timeoutMessage = 'Execution timeout exceeded';

const sentences: Partial<Record<ExecutionFailure, string>> = {
  cancelled: 'cancelled before anything was changed',
  orphaned: 'no owner names it',
  target_changed: 'the target is no longer as it was validated',
  job_creation_failed: 'the Job could not be made',
  execution_timeout: timeoutMessage,
};
