import type { AIAnalysis, Rejected } from '../../../shared/api/ai-analysis.ts';
import { addSeconds } from '../../../shared/api/time.ts';
import { boundedText } from '../../../shared/api/text.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { draftsOf, written } from '../draft.ts';
import { fail } from '../fail.ts';
import type { Ports } from '../ports.ts';
import { judge, keyText, targetsOf, type Targets } from '../validate.ts';

const deadlineSeconds = 60;

/** Believes nothing that was answered: what is no action, has no target or no evidence is put aside, with the reason. */
export const analyzing: Phase<AIAnalysis, Targets, Ports> = {
  async observe(analysis, { cluster }) {
    const keys = targetsOf(draftsOf(analysis));
    return new Map(await Promise.all(keys.map(async (key) => [keyText(key), await cluster.get(key)] as const)));
  },

  decide(analysis, targets, now) {
    const drafts = draftsOf(analysis);
    const judged = drafts.map((draft) => ({ draft, verdict: judge(draft, analysis, targets) }));
    const rejected = judged.flatMap(({ verdict }) => (verdict.kind === 'rejected' ? [bounded(verdict.rejected)] : []));
    const consistent = judged.flatMap(({ draft, verdict }) =>
      verdict.kind === 'consistent' ? [{ ...draft.recommendation, safetyLevel: verdict.safetyLevel }] : [],
    );
    if (drafts.length > 0 && consistent.length === 0) {
      const why = rejected.map(({ action, message }) => `${action}: ${message}`).join('; ');
      return fail(analysis, { reason: 'invalid_analysis', message: `nothing of the answer holds: ${why}`, status: { rejected, recommendations: [] } }, now);
    }
    const message = `${consistent.length} of ${drafts.length} candidates hold`;
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

function bounded({ action, reason, message }: Rejected) {
  return { action: action.slice(0, 63), reason, message: boundedText(message) };
}
