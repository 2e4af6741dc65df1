import type { KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { admit } from '../../../shared/planning/admittance.ts';
import type { Settings } from '../settings.ts';
import { fail } from '../verdict.ts';

/** Phase "": is this an action that we know, with parameters that it takes, on a target that may be touched? The cluster is not asked. */
export function fresh(settings: Settings): Phase<KubernetesExecution, null, unknown> {
  return {
    observe: () => Promise.resolve(null),

    decide(execution, _observed, now) {
      const admittance = admit(execution.spec, settings);
      if (admittance.kind === 'refused') return { effects: fail(execution, admittance, now) };
      return { effects: transition(execution, { to: 'validating', conditions: unknown }, now) };
    },
  };
}

const unknown = (['Validated', 'JobFinished', 'OutcomeVerified'] as const).map((type) => ({ type, status: 'Unknown' as const, reason: 'Pending' }));
