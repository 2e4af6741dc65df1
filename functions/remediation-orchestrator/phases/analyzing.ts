import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { actOnAnalysis, lookAtAnalysis, type AnalysisWorld } from '../act-on-analysis.ts';
import type { Ports } from '../children.ts';
import { overallDeadline } from '../deadlines.ts';
import { refused } from '../refused.ts';
import type { Settings } from '../settings.ts';

/** Waits for the analysis, and turns a valid one into a workflow as soon as no fence is closed. */
export function analyzing(settings: Settings): Phase<RemediationRequest, AnalysisWorld, Ports> {
  return {
    observe: (request, ports, now) => lookAtAnalysis(request, ports, settings, now),
    decide: (request, world, now) => actOnAnalysis(request, world, settings, now),
    refused: refused(settings),
    deadline: overallDeadline,
  };
}
