import { voidAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { ClusterReader } from '../../../shared/kubernetes/ports.ts';
import type { Decision, Phase, Refusal } from '../../../shared/reconciler/phase.ts';
import { endWithoutJob, verdictOf } from '../end-without-job.ts';
import { observeRecorded } from '../observe-recorded.ts';
import { decideRecorded, type Recorded } from '../recorded.ts';
import type { Settings } from '../settings.ts';
import { decideUnrecorded, observeUnrecorded, type Unrecorded } from '../unrecorded.ts';
import { fail } from '../verdict.ts';

/** Before and after the status names a Job the phase asks for quite different things, and never for both. */
export type Observed = { readonly kind: 'unrecorded'; readonly seen: Unrecorded } | { readonly kind: 'recorded'; readonly seen: Recorded };

/**
 * The only phase that changes the world: it makes the Job, once, waits for its end, and asks the cluster what came of it. It tells the kernel no
 * deadline: while a Job may act no verdict may come from outside, and once it cannot, the phase gives its own.
 */
export function executing(settings: Settings): Phase<KubernetesExecution, Observed, Pick<ClusterReader, 'get' | 'list' | 'podLog'>> {
  return {
    async observe(execution, ports, now) {
      if (execution.status?.jobRef === undefined) return { kind: 'unrecorded', seen: await observeUnrecorded(execution, ports, settings, now) };
      return { kind: 'recorded', seen: await observeRecorded(execution, ports, settings, now) };
    },

    decide(execution, observed, now) {
      switch (observed.kind) {
        case 'unrecorded':
          return decideUnrecorded(execution, observed.seen, settings, now);
        case 'recorded':
          return decideRecorded(execution, observed.seen, settings, now);
      }
    },

    refused: (execution, refusal, now) => jobRefused(execution, refusal, settings, now),
  };
}

/**
 * An API that refuses the Job may still be at work on an earlier create of it, so its name is taken before the verdict. One that refuses the void
 * Job too refuses them all, and a stranger under the name keeps out both.
 */
function jobRefused(execution: KubernetesExecution, { effect, status, message }: Refusal, settings: Settings, now: Instant): Decision | null {
  if (effect.kind !== 'CreateResource') return null;
  const { name, annotations } = effect.object.metadata;
  const failure = { reason: 'job_creation_failed', message: `creating Job ${name}: ${message}` } as const;
  const voidReason = annotations?.[voidAnnotation];
  if (voidReason === undefined) return status === 409 ? { effects: fail(execution, failure, now) } : endWithoutJob(execution, failure, settings, now);
  return { effects: fail(execution, voidReason === failure.reason ? failure : verdictOf(voidReason), now) };
}
