import { closedFence, readFences, type ClosedFence } from '../../../functions/remediation-orchestrator/fences.ts';
import type { Settings } from '../../../functions/remediation-orchestrator/settings.ts';
import { hashOf, namespacesOf, targetHashes } from '../../../functions/remediation-orchestrator/targets.ts';
import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { fingerprintLabel } from '../../../shared/api/labels.ts';
import { labelValue } from '../../../shared/api/names.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { isNotFound } from '../../../shared/kubernetes/errors.ts';
import type { ClusterReader } from '../../../shared/kubernetes/ports.ts';

/** What stands in the way of a plan in the cluster as it is: a fence, or a request that the alert belongs to already. */
export interface Standing {
  readonly fence: ClosedFence | null;
  /** The live request that would count the alert as one more occurrence. */
  readonly absorbedBy: string | null;
}

const requestsMax = 500;

/** The orchestrator's own fences, asked of the cluster itself. Where the product is not installed nothing stands in the way. */
export async function readStanding(
  { request, analysis, workflow }: { readonly request: RemediationRequest; readonly analysis: AIAnalysis; readonly workflow: WorkflowExecution },
  cluster: Pick<ClusterReader, 'get' | 'list'>,
  settings: Settings,
  now: Instant,
): Promise<Standing> {
  const { steps } = workflow.spec.workflowDefinition;
  const { target } = analysis.spec;
  const concern = {
    namespaces: [target.namespace ?? '', ...namespacesOf(steps)],
    targetHash: hashOf(request, target),
    hashes: targetHashes(request, target, steps),
  };
  try {
    const fences = await readFences(request, concern, { cluster }, settings);
    return { fence: closedFence(request, fences, settings, now), absorbedBy: await readAbsorber(request, cluster) };
  } catch (error) {
    if (isNotFound(error)) return { fence: null, absorbedBy: null };
    throw error;
  }
}

async function readAbsorber({ spec, metadata }: RemediationRequest, cluster: Pick<ClusterReader, 'list'>): Promise<string | null> {
  const { apiVersion, kind } = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest' };
  const labelSelector = `${fingerprintLabel}=${labelValue(spec.alertFingerprint)}`;
  const known = await cluster.list({ apiVersion, kind }, { namespace: metadata.namespace, labelSelector, limit: requestsMax });
  const live = known.find((object) => !isTerminal((object['status'] as { readonly phase?: string } | undefined)?.phase));
  return live?.metadata.name ?? null;
}
