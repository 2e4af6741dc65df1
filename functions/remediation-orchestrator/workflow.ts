import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { targetHashLabel } from '../../shared/api/labels.ts';
import { workflowName } from '../../shared/api/names.ts';
import { ownerReferenceTo, refOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { WorkflowSpec } from '../../shared/api/workflow-execution.ts';
import { approvalReasons } from './approval.ts';
import type { Chosen } from './recommendation.ts';
import type { Settings } from './settings.ts';
import { hashOf } from './targets.ts';

/** What will be done, fully decided: why a person must approve it stands beside it. */
export interface WorkflowPlan {
  readonly object: KubernetesObject;
  readonly approvalReasons: readonly string[];
}

/** The workflow of a chosen recommendation. Everything that it needs is in its spec: it never looks its request up but for the permission to act. */
export function buildWorkflow(
  request: RemediationRequest,
  analysis: AIAnalysis,
  { chosen, steps }: { readonly chosen: Chosen; readonly steps: readonly WorkflowStep[] },
  settings: Settings,
): WorkflowPlan {
  const reasons = approvalReasons(analysis, chosen, steps);
  const { alertFingerprint, severity, originalPayload, targetCluster, dryRun } = request.spec;
  const { top, recommendation } = chosen;
  const spec: WorkflowSpec = {
    workflowDefinition: { steps },
    executionStrategy: {
      mode: recommendation.mode ?? 'sequential',
      dryRunFirst: true,
      approvalRequired: reasons.length > 0,
      rollbackOnFailure: true,
      monitoringSeconds: settings.monitoringSeconds,
      maxParallelSteps: settings.maxParallelSteps,
    },
    alertContext: { fingerprint: alertFingerprint, severity, ...(originalPayload !== undefined && { originalAlert: originalPayload }) },
    aiRecommendation: { recommendationID: top.id, confidence: top.confidence, action: top.action, parameters: top.parameters },
    remediationRequestRef: refOf(request),
    targetCluster,
    environment: analysis.spec.environment,
    dryRun,
  };
  const { name, namespace } = request.metadata;
  return {
    approvalReasons: reasons,
    object: {
      apiVersion: kinds.WorkflowExecution.apiVersion,
      kind: 'WorkflowExecution',
      metadata: {
        name: workflowName(name),
        namespace,
        labels: { [targetHashLabel]: hashOf(request, analysis.spec.target) },
        ownerReferences: [ownerReferenceTo(request)],
      },
      spec,
    },
  };
}
