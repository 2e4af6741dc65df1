import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import type { Ports } from '../ports.ts';

/** Created, and nobody has looked at it: the work begins. Brought back by the sweeper, should this pass be lost. */
export const fresh: Phase<RemediationProcessing, null, Ports> = {
  observe: () => Promise.resolve(null),
  decide(processing, _observed, now) {
    const { alert } = processing.spec;
    const audit = { type: 'processing.started', message: `finding the target of ${alert.name}` };
    return { effects: transition(processing, { to: 'enriching', audit }, now) };
  },
};
