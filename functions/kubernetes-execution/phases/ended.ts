import type { KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ClusterReader } from '../../../shared/kubernetes/ports.ts';
import { getBound } from '../../../shared/reconciler/bound.ts';
import { nothing, type Phase } from '../../../shared/reconciler/phase.ts';
import { conditionOf } from '../conditions.ts';
import { boundJob } from '../lookup.ts';
import { releaseJob } from '../release-job.ts';

/** `job` null: there is none, or its finalizer was taken off before the verdict. */
export interface Observed {
  readonly job: KubernetesObject | null;
}

/**
 * The pass after the end, for completed and failed. A verdict of ours that judged the Job had taken its finalizer off before: only an
 * execution that ended otherwise (the kernel failed it) may have left one.
 */
export const ended: Phase<KubernetesExecution, Observed, Pick<ClusterReader, 'get'>> = {
  async observe(execution, ports) {
    const jobRef = execution.status?.jobRef;
    const judged = (conditionOf(execution, 'JobFinished')?.status ?? 'Unknown') !== 'Unknown';
    if (jobRef === undefined || judged) return { job: null };
    return { job: await getBound(ports, boundJob(jobRef)) };
  },

  decide(_execution, { job }) {
    return job === null ? nothing : { effects: releaseJob(job) };
  },
};
