import type { AIAnalysis, Rejected } from '../../../shared/api/ai-analysis.ts';
import { boundedText } from '../../../shared/api/text.ts';
import { addSeconds } from '../../../shared/api/time.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { ObjectKey } from '../../../shared/kubernetes/ports.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { draftsOf, written } from '../draft.ts';
import { fail } from '../fail.ts';
import type { Ports } from '../ports.ts';
import { judge, keyText, targetsOf, type FoundTarget, type Targets } from '../validate.ts';

const deadlineSeconds = 60;

/** Believes nothing that was answered: what is no action, has no target or no evidence is put aside, with the reason. */
export const analyzing: Phase<AIAnalysis, Targets, Ports> = {
  async observe(analysis, ports) {
    const keys = targetsOf(draftsOf(analysis));
    return new Map(await Promise.all(keys.map(async (key) => [keyText(key), await lookUp(key, ports)] as const)));
  },

  decide(analysis, targets, now) {
    const verdicts = draftsOf(analysis).map((draft) => judge(draft, analysis, targets));
    const rejected = verdicts.flatMap((verdict) => (verdict.kind === 'rejected' ? [bounded(verdict.rejected)] : []));
    const consistent = verdicts.flatMap((verdict) => (verdict.kind === 'consistent' ? [verdict.recommendation] : []));
    if (verdicts.length > 0 && consistent.length === 0) {
      const why = rejected.map(({ action, message }) => `${action}: ${message}`).join('; ');
      return fail(analysis, { reason: 'invalid_analysis', message: `nothing of the answer holds: ${why}`, status: { rejected } }, now);
    }
    const message = `${consistent.length} of ${verdicts.length} candidates hold`;
    return {
      effects: transition(
        analysis,
        {
          to: 'recommending',
          status: { recommendations: consistent.map(written), rejected },
          conditions: [{ type: 'AnalysisValidated', status: 'True', reason: 'Completed', message }],
        },
        now,
      ),
    };
  },

  deadline: ({ status }) => (status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, deadlineSeconds)),
};

async function lookUp(key: ObjectKey, { cluster }: Ports): Promise<FoundTarget> {
  try {
    return (await cluster.get(key)) ?? 'absent';
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return 'unreadable';
    throw error;
  }
}

function bounded({ action, reason, message }: Rejected) {
  return { action, reason, message: boundedText(message) };
}
