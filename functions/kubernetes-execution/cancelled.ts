import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { fail } from './verdict.ts';

/** Asked before what "" and validating decide: in neither can the create of a Job be under way, so a cancel ends them at once. */
export function cancelledBeforeActing(execution: KubernetesExecution, _observed: unknown, now: Instant): Decision | null {
  if (!isCancelRequested(execution)) return null;
  return { effects: fail(execution, { reason: 'cancelled', message: 'cancelled before anything was changed' }, now) };
}
