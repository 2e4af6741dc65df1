import type { KindName } from '../api/kinds.ts';

interface KindFacts {
  /** The cloud function that reconciles the kind: actor of its audit rows, reporter of its Events. */
  readonly functionName: string;
  /** What is audited and told when the kernel itself fails a resource. */
  readonly failedAudit: string;
  readonly failedEvent: string;
}

export const kindFacts: Readonly<Record<KindName, KindFacts>> = {
  RemediationRequest: { functionName: 'remediation-orchestrator', failedAudit: 'request.failed', failedEvent: 'RemediationFailed' },
  RemediationProcessing: { functionName: 'remediation-processing', failedAudit: 'processing.failed', failedEvent: 'ProcessingFailed' },
  AIAnalysis: { functionName: 'ai-analysis', failedAudit: 'analysis.failed', failedEvent: 'AIAnalysisFailed' },
  WorkflowExecution: { functionName: 'workflow-execution', failedAudit: 'workflow.failed', failedEvent: 'WorkflowFailed' },
  KubernetesExecution: { functionName: 'kubernetes-execution', failedAudit: 'execution.failed', failedEvent: 'ExecutionFailed' },
};
