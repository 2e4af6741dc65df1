import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { investigationSeconds } from '../attempts.ts';
import type { Ports } from '../ports.ts';

/** Created, and nobody has looked at it. Entering investigating arms its deadline: it is a phase that may wait for a provider. */
export const fresh: Phase<AIAnalysis, null, Ports> = {
  observe: () => Promise.resolve(null),
  decide: (analysis, _observed, now) => ({ effects: transition(analysis, { to: 'investigating' }, now), wakeAfterSeconds: [investigationSeconds] }),
};
