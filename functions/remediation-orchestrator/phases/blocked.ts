import type { RemediationRequest, ResumePhase } from '../../../shared/api/remediation-request.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { actOnAnalysis, lookAtAnalysis, type AnalysisWorld } from '../act-on-analysis.ts';
import { alertIsResolved } from '../alert-state.ts';
import { hold } from '../blocking.ts';
import type { Ports } from '../children.ts';
import { blockedDeadline, blockedSince } from '../deadlines.ts';
import { completeWithoutAction } from '../ending.ts';
import { allOpen, closedFence, readPause } from '../fences.ts';
import { refused } from '../refused.ts';
import type { Settings } from '../settings.ts';
import { startProcessing } from '../start-processing.ts';

/** Looks at the fences again, and once they are open does what the phase before would have done. */
export function blocked(settings: Settings): Phase<RemediationRequest, AnalysisWorld, Ports> {
  return {
    async observe(request, ports, now) {
      // The analysis has ended, so no child is waited for: what may still live is asked by the pass after the end.
      if (resumePhaseOf(request) === 'executing') return { ...(await lookAtAnalysis(request, ports, settings, now)), children: [] };
      const isOver = request.spec.cancel || alertIsResolved(request);
      const fences = isOver ? allOpen : await readPause(request, [request.spec.target?.namespace ?? ''], ports);
      return { children: [], analysis: null, fences, leftover: null };
    },

    decide(request, world, now) {
      if (resumePhaseOf(request) === 'executing') return actOnAnalysis(request, world, settings, now);
      if (alertIsResolved(request)) return completeWithoutAction(request, 'alert_resolved', settings, now);
      const fence = closedFence(request, world.fences ?? allOpen, settings, now);
      return fence === null ? startProcessing(request, settings, now) : hold(request, { fence, resumePhase: 'processing', leases: [] }, settings, now);
    },

    refused: refused(settings),

    deadline: (request) => {
      const fence = request.status?.blockedBy;
      return fence === undefined ? null : blockedDeadline(fence, blockedSince(request));
    },
  };
}

/** A status that does not say it was not written by us: what was begun already is taken up. */
function resumePhaseOf({ status }: RemediationRequest): ResumePhase {
  return status?.blockedBy?.resumePhase ?? (status?.aiAnalysisRef === undefined ? 'processing' : 'executing');
}
