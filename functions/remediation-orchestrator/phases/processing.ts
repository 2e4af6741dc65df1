import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { readProcessing, type Family, type Ports } from '../children.ts';
import { deadlineTimer, overallDeadline } from '../deadlines.ts';
import { failWithChild, failWithoutChild } from '../ending.ts';
import { refused } from '../refused.ts';
import type { Settings } from '../settings.ts';
import { startAnalysis } from '../start-analysis.ts';

export interface Observed extends Family {
  /** Null: gone, or another object under its name. */
  readonly processing: RemediationProcessing | null;
}

export function processing(settings: Settings): Phase<RemediationRequest, Observed, Ports> {
  return {
    async observe(request, ports) {
      const found = await readProcessing(request, ports);
      return { processing: found, children: found === null ? [] : [found] };
    },

    decide(request, { processing: child }, now) {
      if (child === null) return failWithoutChild(request, 'RemediationProcessing', settings, now);
      switch (child.status?.phase) {
        case 'completed':
          return startAnalysis(request, child, settings, now);
        case 'failed':
          return failWithChild(request, child, settings, now);
        default:
          return { effects: [], ...deadlineTimer(overallDeadline(request), now) };
      }
    },

    refused: refused(settings),
    deadline: overallDeadline,
  };
}
