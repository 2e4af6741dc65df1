import { approvalReasons } from '../../../functions/remediation-orchestrator/approval.ts';
import { judgeAnalysis } from '../../../functions/remediation-orchestrator/recommendation.ts';
import { calledTarget } from '../../../functions/remediation-orchestrator/targets.ts';
import { planDigest } from '../../../shared/planning/plan-digest.ts';
import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { maskJson } from '../../../shared/api/text.ts';
import { secondsBetween, type Instant } from '../../../shared/api/time.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';

/** What a person needs to know before deciding: what would be done, what the dry run said of it, why they are asked, and until when. */
export interface PendingApproval {
  /** Null: the workflow was made by hand. */
  readonly request: string | null;
  readonly workflow: string;
  readonly namespace: string;
  readonly alert: { readonly name: string; readonly severity: string } | null;
  /** `Deployment production/payment-api`; null where only the steps say it. */
  readonly target: string | null;
  readonly environment: string;
  readonly mode: string;
  /** Batch by batch, in the order in which they would run. */
  readonly steps: readonly PendingStep[];
  readonly why: readonly string[];
  readonly digest: string;
  readonly expiresAt: Instant;
  /** Negative: too late, and the workflow is about to say so. */
  readonly secondsLeft: number;
}

export interface PendingStep {
  readonly name: string;
  readonly action: string;
  readonly parameters: JsonObject;
  readonly dependencies: readonly string[];
  readonly batch: number;
  /** What the API said when it was tried without effect. */
  readonly dryRun: string;
}

/** Null where nobody is asked, or somebody has answered. Pure. */
export function pendingApproval(workflow: WorkflowExecution, { request, analysis }: Family, now: Instant): PendingApproval | null {
  const { metadata, spec, status } = workflow;
  const approval = status?.approval;
  if (status?.phase !== 'validating' || approval === undefined || approval.decision !== undefined) return null;
  const executionOrder = status.executionPlan?.executionOrder ?? [];
  return {
    request: request?.metadata.name ?? null,
    workflow: metadata.name,
    namespace: metadata.namespace,
    alert: request === null ? null : { name: request.spec.alertName, severity: request.spec.severity },
    target: targetOf(request, analysis),
    environment: spec.environment,
    mode: spec.executionStrategy.mode,
    steps: executionOrder.flatMap(({ batch, steps }) => steps.flatMap((name) => pendingStep(workflow, name, batch) ?? [])),
    why: whyAsked(workflow, analysis),
    digest: planDigest(spec, executionOrder),
    expiresAt: approval.expiresAt,
    secondsLeft: secondsBetween(now, approval.expiresAt),
  };
}

/** Around a workflow; each is null where it is gone, or never was. */
export interface Family {
  readonly request: RemediationRequest | null;
  readonly analysis: AIAnalysis | null;
}

function pendingStep({ spec, status }: WorkflowExecution, name: string, batch: number): PendingStep | null {
  const step = spec.workflowDefinition.steps.find((defined) => defined.name === name);
  if (step === undefined) return null;
  const checked = status?.validationResults?.steps?.find(({ stepName }) => stepName === name);
  return {
    name,
    action: step.action,
    parameters: maskJson(step.parameters),
    dependencies: step.dependencies,
    batch,
    dryRun: checked?.dryRunOutput ?? checked?.dryRun ?? 'not made',
  };
}

function targetOf(request: RemediationRequest | null, analysis: AIAnalysis | null): string | null {
  if (analysis !== null) return calledTarget(analysis.spec.target);
  const target = request?.spec.target;
  return target === undefined ? null : calledTarget(target);
}

/** The orchestrator's own judgement, from the same snapshots: nothing of it has changed since it was made. */
function whyAsked({ spec }: WorkflowExecution, analysis: AIAnalysis | null): readonly string[] {
  const judged = analysis === null ? null : judgeAnalysis(analysis);
  const reasons = analysis === null || judged?.kind !== 'valid' ? [] : approvalReasons(analysis, judged.chosen, spec.workflowDefinition.steps);
  return reasons.length > 0 ? reasons : ['its definition asks for it (executionStrategy.approvalRequired)'];
}
