import { parseAIAnalysis, type AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isCancelRequested } from '../../shared/reconciler/children.ts';
import { sealed, type Decision, type SealedPhase } from '../../shared/reconciler/phase.ts';
import type { Room } from '../../shared/reconciler/room.ts';
import { fail, withdrawn } from './fail.ts';
import { analyzing } from './phases/analyzing.ts';
import { ended } from './phases/ended.ts';
import { investigating } from './phases/investigating.ts';
import { fresh } from './phases/new.ts';
import { recommending } from './phases/recommending.ts';
import type { Ports } from './ports.ts';

/** Asked in every phase that is not over: its request was cancelled or is past its deadline. Nothing acts here, so it ends at once. */
export function cancelled(analysis: AIAnalysis, _observed: unknown, now: Instant): Decision | null {
  return isCancelRequested(analysis) ? fail(analysis, { reason: 'cancelled', message: 'the request asked its analysis to cancel' }, now) : null;
}

export const phases: Readonly<Record<string, SealedPhase<AIAnalysis, Ports>>> = {
  '': sealed(fresh, cancelled),
  investigating: sealed(investigating, cancelled),
  analyzing: sealed(analyzing, cancelled),
  recommending: sealed(recommending, cancelled),
  completed: sealed(ended),
  failed: sealed(ended),
};

export const analysisRoom: Room<AIAnalysis, Ports> = { kind: 'AIAnalysis', parse: parseAIAnalysis, phases, whenFailed: withdrawn };
