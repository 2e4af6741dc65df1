import { kinds } from '../../../shared/api/kinds.ts';
import { targetHashLabel } from '../../../shared/api/labels.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import { askToCancel, isAlive } from '../../../shared/reconciler/children.ts';
import type { Enqueue } from '../../../shared/reconciler/effect.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { readLatestChildren, type Family, type Ports } from '../children.ts';
import { readSameTarget } from '../fences.ts';
import { giveBack, hashOfLease, readOwnLeases, type TargetLease } from '../leases.ts';
import type { Settings } from '../settings.ts';

const wokenMax = 50; // one of them gets the target, the others are held by that one and woken by its end

export interface Observed extends Family {
  readonly leases: readonly TargetLease[];
  /** Requests that wait for this one, oldest first. */
  readonly waiting: readonly RemediationRequest[];
}

/**
 * The pass after the end, for completed, failed and cancelled. It releases the locks once nothing can act under them any more, asks children that
 * still live to cancel, and wakes those that were held by this request. There is nothing left to do the second time.
 */
export function ended(settings: Settings): Phase<RemediationRequest, Observed, Ports> {
  return {
    async observe(request, ports) {
      const { phase, workflowRef, aiAnalysisRef } = request.status ?? {};
      // Completed by its workflow: every child had ended before. Without an analysis there was nothing to lock.
      const children = phase === 'completed' && workflowRef !== undefined ? [] : await readLatestChildren(request, ports);
      const leases = aiAnalysisRef === undefined ? [] : await readOwnLeases(request, ports);
      return { children, leases, waiting: await readWaiting(request, leases, ports) };
    },

    decide(request, { children, leases, waiting }) {
      const asked = children.flatMap((child) => askToCancel(child) ?? []);
      const mayAct = children.some((child) => child.kind === 'WorkflowExecution' && isAlive(child));
      if (mayAct) return { effects: asked };
      return { effects: [...asked, ...leases.map((lease) => giveBack(request, lease)), ...waiting.slice(0, wokenMax).map((held) => wake(held, settings))] };
    },
  };
}

/** Found by the targets that are released now, and by its own, so that a pass which follows a crash still finds them. */
async function readWaiting(request: RemediationRequest, leases: readonly TargetLease[], ports: Ports): Promise<readonly RemediationRequest[]> {
  const own = request.metadata.labels?.[targetHashLabel];
  const hashes = new Set([...(own === undefined ? [] : [own]), ...leases.map(hashOfLease)]);
  if (hashes.size === 0) return [];
  const waiting = (await readSameTarget(request, [...hashes], ports)).filter(({ status }) => isHeldUp(status, request.metadata.name));
  return waiting.toSorted((a, b) => createdAt(a) - createdAt(b));
}

function isHeldUp(status: RemediationRequest['status'], name: string): boolean {
  return status?.phase === 'blocked' && status.blockedBy?.reason === 'target_busy' && status.blockedBy.name === name;
}

function createdAt({ metadata: { creationTimestamp } }: RemediationRequest): number {
  return creationTimestamp === undefined ? 0 : millisecondsOf(creationTimestamp);
}

function wake({ kind, metadata: { name, namespace } }: RemediationRequest, { cluster }: Settings): Enqueue {
  return { kind: 'Enqueue', queue: kinds[kind].queue, message: { cluster, kind, namespace, name, cause: 'watch' } };
}
